#pragma once

#include <cmath>
#include <cstdint>

namespace tarn::search {

/// BM25 as Lance 14's inverted index computes it, operation by operation in float32, so that a flat
/// scan and an index of the same rows rank alike (read from lance-index 14.0.2, scalar/inverted/:
/// scorer.rs, builder.rs and index/flat_search.rs, index/partition.rs for repeated tokens):
///
///   score(d) = sum over the query's tokens t of  idf(t) * (f * (K1 + 1)) / (f + K1 * (1 - B + B *
///   |d| / avgdl)) idf(t)   = ln((N - n + 0.5) / (n + 0.5) + 1)
///
///   f       how often t is in d            |d|    tokens of d, exact: Lance rounds lengths to a
///   byte only in indexes n       documents that hold t                 with posting blocks of 256,
///   and Tarn's have the default of 128 N       documents: rows with at least one token; nulls, ""
///   and texts of stop words alone are none avgdl   tokens of all documents / N
///
/// A token that the query repeats counts as often as it is repeated (but see CountsRepeats). Tokens are added in the
/// query's order, as Lance's own flat scan does; its index may add them in another, so its scores
/// may differ in the last bits of a float32. A token that nearly every one of millions of documents
/// holds can have an idf of 0: such rows match all the same, with score 0.
class Bm25 {
 public:
  static constexpr float kK1 = 1.2f;
  static constexpr float kB = 0.75f;

  Bm25() = default;
  Bm25(uint64_t documents, uint64_t tokens)
      : documents_(documents),
        average_length_(static_cast<float>(tokens) / static_cast<float>(documents)) {}

  /// Of a token that `holding` documents hold.
  float Idf(uint64_t holding) const {
    const auto all = static_cast<float>(documents_);
    const auto some = static_cast<float>(holding);
    return std::log((all - some + 0.5f) / (some + 0.5f) + 1.0f);
  }
  /// What a token adds to the score of a document of `length` tokens that holds it `frequency`
  /// times.
  float Weight(float idf, uint32_t frequency, uint32_t length) const {
    const float norm = kK1 * (1.0f - kB + kB * static_cast<float>(length) / average_length_);
    const auto f = static_cast<float>(frequency);
    return idf * (f * (kK1 + 1.0f) / (f + norm));
  }

 private:
  uint64_t documents_ = 0;
  float average_length_ = 0;
};

}  // namespace tarn::search
