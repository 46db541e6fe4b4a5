#include "tarn/catalog/digest.h"

#include <limits>

#include <openssl/evp.h>

#include "tarn/base/check.h"

namespace tarn::catalog {
namespace {

const unsigned char* Octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Octets(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

std::string Sha256Hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  TARN_CHECK(done == 1 && size == 32, "SHA-256 is not available");
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(64);
  for (unsigned int i = 0; i < size; ++i) {
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 15];
  }
  return text;
}

std::string Base64(std::string_view bytes) {
  TARN_CHECK(bytes.size() < std::numeric_limits<int>::max() / 2,
             "too many bytes for one base 64 text");
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // the encoder ends with a NUL
  const int size = EVP_EncodeBlock(Octets(text), Octets(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() >= std::numeric_limits<int>::max() / 2)
    return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(Octets(bytes), Octets(text), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(static_cast<size_t>(size) - padding);
  // The decoder forgives blanks, stray padding and unused bits; the way back does not.
  if (Base64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace tarn::catalog
