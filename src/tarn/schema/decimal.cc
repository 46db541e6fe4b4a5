#include "tarn/schema/decimal.h"

#include <algorithm>

namespace tarn::schema {
namespace {

struct Decimal {
  bool negative = false;
  std::string_view whole;     // without leading zeros
  std::string_view fraction;  // without trailing zeros

  bool is_zero() const { return whole.empty() && fraction.empty(); }
};

Decimal Split(std::string_view text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  decimal.whole = text.substr(0, point);
  decimal.whole.remove_prefix(std::min(decimal.whole.find_first_not_of('0'), decimal.whole.size()));
  if (point < text.size()) decimal.fraction = text.substr(point + 1);
  decimal.fraction = decimal.fraction.substr(0, decimal.fraction.find_last_not_of('0') + 1);
  if (decimal.is_zero()) decimal.negative = false;
  return decimal;
}

int CompareMagnitudes(const Decimal& a, const Decimal& b) {
  if (a.whole.size() != b.whole.size()) return a.whole.size() < b.whole.size() ? -1 : 1;
  const int whole = a.whole.compare(b.whole);
  return whole != 0 ? whole : a.fraction.compare(b.fraction);
}

}  // namespace

std::string CanonicalDecimal(std::string_view text) {
  const Decimal decimal = Split(text);
  std::string out(decimal.negative ? "-" : "");
  out += decimal.whole.empty() ? "0" : decimal.whole;
  if (!decimal.fraction.empty()) out.append(1, '.').append(decimal.fraction);
  return out;
}

int CompareDecimals(std::string_view a, std::string_view b) {
  const Decimal left = Split(a);
  const Decimal right = Split(b);
  if (left.negative != right.negative) return left.negative ? -1 : 1;
  return left.negative ? CompareMagnitudes(right, left) : CompareMagnitudes(left, right);
}

}  // namespace tarn::schema
