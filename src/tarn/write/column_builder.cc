#include "tarn/write/column_builder.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include <arrow/api.h>
#include <fmt/format.h>

#include "tarn/catalog/physical_schema.h"
#include "tarn/columnar/arrow_status.h"
#include "tarn/schema/values.h"
#include "tarn/write/base64.h"
#include "tarn/write/limits.h"
#include "tarn/write/problems.h"

namespace tarn::write {
namespace {

using Kind = JsonCell::Kind;

std::string Found(const JsonCell& cell) {
  switch (cell.kind) {
    case Kind::kString: return fmt::format("the string \"{}\"", Shown(cell.text));
    case Kind::kNumber: return fmt::format("the number {}", Shown(cell.text));
    default: return std::string(KindName(cell.kind));
  }
}

Refusal WrongKind(const std::string& property, std::string_view expected, const JsonCell& cell) {
  return Refuse(ErrorId::kDataInvalid,
                fmt::format("property '{}' expects {}, got {}", property, expected, Found(cell)));
}

Refusal BeyondRange(const std::string& property, std::string_view text, std::string_view type) {
  return Refuse(ErrorId::kDataInvalid, fmt::format("property '{}' value {} exceeds {} range",
                                                   property, Shown(text), type));
}

/// Arrow refuses an append only for want of memory.
Refusal FromArrow(const arrow::Status& status) {
  if (status.ok()) return nullptr;
  const Status error = columnar::FromArrow(status);
  return Refuse(error.id(), error.message());
}

class TextColumn final : public ColumnBuilder {
 public:
  TextColumn(arrow::ArrayBuilder& builder, const schema::Property& property, ValueChecks checks)
      : ColumnBuilder(builder),
        builder_(static_cast<arrow::StringBuilder&>(builder)),
        property_(property),
        checks_(std::move(checks)) {}

  Refusal Append(const Record&, const JsonCell& cell) override {
    if (cell.kind != Kind::kString) return WrongKind(property_.name, "String", cell);
    if (Refusal refusal = checks_.CheckText(cell.text)) return refusal;
    return FromArrow(builder_.Append(cell.text));
  }
  Refusal AppendNull() override { return FromArrow(builder_.AppendNull()); }
  void AppendKeyText(std::string& out) const override {
    out += builder_.GetView(builder_.length() - 1);
  }

 private:
  arrow::StringBuilder& builder_;
  const schema::Property& property_;
  ValueChecks checks_;
};

class BoolColumn final : public ColumnBuilder {
 public:
  BoolColumn(arrow::ArrayBuilder& builder, const schema::Property& property)
      : ColumnBuilder(builder),
        builder_(static_cast<arrow::BooleanBuilder&>(builder)),
        property_(property) {}

  Refusal Append(const Record&, const JsonCell& cell) override {
    if (cell.kind != Kind::kTrue && cell.kind != Kind::kFalse)
      return WrongKind(property_.name, "Boolean", cell);
    newest_ = cell.kind == Kind::kTrue;
    return FromArrow(builder_.Append(newest_));
  }
  Refusal AppendNull() override { return FromArrow(builder_.AppendNull()); }
  void AppendKeyText(std::string& out) const override { schema::AppendKeyText(newest_, out); }

 private:
  arrow::BooleanBuilder& builder_;
  const schema::Property& property_;
  bool newest_ = false;
};

template <typename T>
constexpr std::string_view IntegerName() {
  constexpr bool is_signed = std::numeric_limits<T>::is_signed;
  if constexpr (sizeof(T) == 4) return is_signed ? "Int32" : "UInt32";
  return is_signed ? "Int64" : "UInt64";
}

/// Reads the digits of an integer token exactly; nothing when T cannot hold it.
template <typename T>
std::optional<T> ReadInteger(std::string_view token) {
  if (token == "-0") return T{0};
  T value = 0;
  const std::from_chars_result read =
      std::from_chars(token.data(), token.data() + token.size(), value);
  if (read.ec != std::errc()) return std::nullopt;
  return value;
}

template <typename ArrowBuilder>
class IntegerColumn final : public ColumnBuilder {
 public:
  using T = typename ArrowBuilder::value_type;

  IntegerColumn(arrow::ArrayBuilder& builder, const schema::Property& property, ValueChecks checks)
      : ColumnBuilder(builder),
        builder_(static_cast<ArrowBuilder&>(builder)),
        property_(property),
        checks_(std::move(checks)) {}

  Refusal Append(const Record&, const JsonCell& cell) override {
    if (cell.kind != Kind::kNumber || !cell.is_integer)
      return WrongKind(property_.name, IntegerName<T>(), cell);
    const std::optional<T> value = ReadInteger<T>(cell.text);
    if (!value) return BeyondRange(property_.name, cell.text, IntegerName<T>());
    if (Refusal refusal = checks_.CheckInteger(*value)) return refusal;
    return FromArrow(builder_.Append(*value));
  }
  Refusal AppendNull() override { return FromArrow(builder_.AppendNull()); }
  void AppendKeyText(std::string& out) const override {
    schema::AppendKeyText(builder_.GetValue(builder_.length() - 1), out);
  }

 private:
  ArrowBuilder& builder_;
  const schema::Property& property_;
  ValueChecks checks_;
};

/// Reads a number token; infinite when it is beyond a double.
double ReadDouble(std::string_view token) {
  double value = 0;
  const std::from_chars_result read =
      std::from_chars(token.data(), token.data() + token.size(), value);
  if (read.ec == std::errc()) return value;
  // Out of range: too large or too small, which from_chars does not tell apart.
  return std::strtod(std::string(token).c_str(), nullptr);
}

template <typename T>
constexpr std::string_view FloatName() {
  return sizeof(T) == 4 ? "Float32" : "Float64";
}

template <typename T>
Refusal ReadFinite(const std::string& property, const JsonCell& cell, T& value) {
  value = static_cast<T>(ReadDouble(cell.text));
  if (std::isfinite(value)) return nullptr;
  return Refuse(ErrorId::kDataInvalid,
                fmt::format("property '{}' value {} exceeds {} range: it must be finite for {}",
                            property, Shown(cell.text), FloatName<T>(), FloatName<T>()));
}

template <typename ArrowBuilder>
class FloatColumn final : public ColumnBuilder {
 public:
  using T = typename ArrowBuilder::value_type;

  FloatColumn(arrow::ArrayBuilder& builder, const schema::Property& property, ValueChecks checks)
      : ColumnBuilder(builder),
        builder_(static_cast<ArrowBuilder&>(builder)),
        property_(property),
        checks_(std::move(checks)) {}

  Refusal Append(const Record&, const JsonCell& cell) override {
    if (cell.kind != Kind::kNumber) return WrongKind(property_.name, FloatName<T>(), cell);
    T value = 0;
    if (Refusal refusal = ReadFinite(property_.name, cell, value)) return refusal;
    if (Refusal refusal = checks_.CheckFloat(value)) return refusal;
    return FromArrow(builder_.Append(value));
  }
  Refusal AppendNull() override { return FromArrow(builder_.AppendNull()); }
  void AppendKeyText(std::string& out) const override {
    schema::AppendKeyText(builder_.GetValue(builder_.length() - 1), out);
  }

 private:
  ArrowBuilder& builder_;
  const schema::Property& property_;
  ValueChecks checks_;
};

/// Date and DateTime: a text, or the stored integer itself.
template <typename ArrowBuilder>
class TimeColumn final : public ColumnBuilder {
 public:
  using T = typename ArrowBuilder::value_type;
  static constexpr bool kIsDate = sizeof(T) == 4;

  TimeColumn(arrow::ArrayBuilder& builder, const schema::Property& property)
      : ColumnBuilder(builder),
        builder_(static_cast<ArrowBuilder&>(builder)),
        property_(property) {}

  Refusal Append(const Record&, const JsonCell& cell) override {
    std::optional<T> value;
    if (cell.kind == Kind::kString) {
      if constexpr (kIsDate) value = schema::ParseDate(cell.text);
      if constexpr (!kIsDate) value = schema::ParseDateTime(cell.text);
      if (!value) return BadText(cell.text);
    } else if (cell.kind == Kind::kNumber && cell.is_integer) {
      value = ReadInteger<T>(cell.text);
      if (!value) return BeyondRange(property_.name, cell.text, kIsDate ? "Date" : "DateTime");
    } else {
      constexpr std::string_view kExpected = kIsDate
                                                 ? "Date as text or days since 1970"
                                                 : "DateTime as text or milliseconds since 1970";
      return WrongKind(property_.name, kExpected, cell);
    }
    return FromArrow(builder_.Append(*value));
  }
  Refusal AppendNull() override { return FromArrow(builder_.AppendNull()); }
  void AppendKeyText(std::string& out) const override {
    schema::AppendKeyText(builder_.GetValue(builder_.length() - 1), out);
  }

 private:
  Refusal BadText(std::string_view text) const {
    return Refuse(ErrorId::kDataInvalid,
                  fmt::format("property '{}': invalid {} literal '{}'", property_.name,
                              kIsDate ? "Date" : "DateTime", Shown(text)));
  }

  ArrowBuilder& builder_;
  const schema::Property& property_;
};

class ListColumn final : public ColumnBuilder {
 public:
  ListColumn(arrow::ArrayBuilder& builder, const schema::Property& property,
             std::unique_ptr<ColumnBuilder> items)
      : ColumnBuilder(builder),
        builder_(static_cast<arrow::ListBuilder&>(builder)),
        property_(property),
        items_(std::move(items)) {}

  Refusal Append(const Record& record, const JsonCell& cell) override {
    if (cell.kind != Kind::kArray) return WrongKind(property_.name, "a JSON array", cell);
    if (Refusal refusal = FromArrow(builder_.Append())) return refusal;
    for (const JsonCell& item : record.ItemsOf(cell)) {
      if (item.kind == Kind::kNull) return BadItem("null");
      if (Refusal refusal = items_->Append(record, item)) return BadItem(refusal->reason);
    }
    return nullptr;
  }
  Refusal AppendNull() override { return FromArrow(builder_.AppendNull()); }
  void AppendKeyText(std::string&) const override { TARN_UNREACHABLE("a list is no key"); }

 private:
  Refusal BadItem(std::string_view why) const {
    return Refuse(ErrorId::kDataInvalid,
                  fmt::format("property '{}' has a null or invalid item: {}", property_.name, why));
  }

  arrow::ListBuilder& builder_;
  const schema::Property& property_;
  std::unique_ptr<ColumnBuilder> items_;
};

class VectorColumn final : public ColumnBuilder {
 public:
  VectorColumn(arrow::ArrayBuilder& builder, const schema::Property& property)
      : ColumnBuilder(builder),
        builder_(static_cast<arrow::FixedSizeListBuilder&>(builder)),
        items_(static_cast<arrow::FloatBuilder&>(*builder_.value_builder())),
        property_(property) {}

  Refusal Append(const Record& record, const JsonCell& cell) override {
    if (cell.kind != Kind::kArray) return WrongKind(property_.name, "a JSON array", cell);
    if (cell.item_count != property_.type.dimension) {
      return Refuse(ErrorId::kDataInvalid,
                    fmt::format("vector property '{}' expects {} dimensions, got {}",
                                property_.name, property_.type.dimension, cell.item_count));
    }
    if (Refusal refusal = FromArrow(builder_.Append())) return refusal;
    if (Refusal refusal = FromArrow(items_.Reserve(cell.item_count))) return refusal;
    for (const JsonCell& item : record.ItemsOf(cell)) {
      if (item.kind != Kind::kNumber) {
        return Refuse(ErrorId::kDataInvalid,
                      fmt::format("vector property '{}': elements must be numeric, got {}",
                                  property_.name, Found(item)));
      }
      float value = 0;
      if (Refusal refusal = ReadFinite(property_.name, item, value)) return refusal;
      items_.UnsafeAppend(value);
    }
    return nullptr;
  }
  Refusal AppendNull() override { return FromArrow(builder_.AppendNull()); }
  void AppendKeyText(std::string&) const override { TARN_UNREACHABLE("a vector is no key"); }

 private:
  arrow::FixedSizeListBuilder& builder_;
  arrow::FloatBuilder& items_;
  const schema::Property& property_;
};

/// Managed bytes. A text without the base64 prefix names an external object, which no policy of
/// this build allows.
class BlobColumn final : public ColumnBuilder {
 public:
  BlobColumn(arrow::ArrayBuilder& builder, const schema::Property& property)
      : ColumnBuilder(builder),
        builder_(static_cast<arrow::StructBuilder&>(builder)),
        data_(static_cast<arrow::LargeBinaryBuilder&>(*builder_.field_builder(0))),
        uri_(static_cast<arrow::StringBuilder&>(*builder_.field_builder(1))),
        property_(property) {}

  Refusal Append(const Record&, const JsonCell& cell) override {
    if (cell.kind != Kind::kString) return WrongKind(property_.name, "a string for Blob", cell);
    constexpr std::string_view kManaged = "base64:";
    if (!cell.text.starts_with(kManaged)) return RefuseUri(cell.text);
    bytes_.clear();
    if (!DecodeBase64(cell.text.substr(kManaged.size()), bytes_)) {
      return Refuse(ErrorId::kDataInvalid,
                    fmt::format("property '{}' is not base64 of the standard, padded alphabet",
                                property_.name));
    }
    if (Refusal refusal = FromArrow(builder_.Append())) return refusal;
    if (Refusal refusal = FromArrow(data_.Append(bytes_))) return refusal;
    return FromArrow(uri_.AppendNull());
  }
  Refusal AppendNull() override { return FromArrow(builder_.AppendNull()); }
  void AppendKeyText(std::string&) const override { TARN_UNREACHABLE("a blob is no key"); }

 private:
  Refusal RefuseUri(std::string_view uri) const {
    if (uri.empty() || uri.size() > kExternalUriBytesMax) {
      return Refuse(ErrorId::kDataInvalid,
                    fmt::format("property '{}': an external URI has 1 to {} bytes, got {}",
                                property_.name, kExternalUriBytesMax, uri.size()));
    }
    return Refuse(
        ErrorId::kDataInvalid,
        fmt::format(
            "property '{}' names an external object, which ExternalBlobPolicy does not allow: "
            "give the bytes as 'base64:…'",
            property_.name));
  }

  arrow::StructBuilder& builder_;
  arrow::LargeBinaryBuilder& data_;
  arrow::StringBuilder& uri_;
  const schema::Property& property_;
  std::string bytes_;
};

std::unique_ptr<ColumnBuilder> ScalarColumn(const schema::Property& property,
                                            arrow::ArrayBuilder& builder, ValueChecks checks) {
  using schema::Scalar;
  switch (property.type.scalar) {
    case Scalar::kString: return std::make_unique<TextColumn>(builder, property, std::move(checks));
    case Scalar::kBool: return std::make_unique<BoolColumn>(builder, property);
    case Scalar::kI32:
      return std::make_unique<IntegerColumn<arrow::Int32Builder>>(builder, property,
                                                                  std::move(checks));
    case Scalar::kI64:
      return std::make_unique<IntegerColumn<arrow::Int64Builder>>(builder, property,
                                                                  std::move(checks));
    case Scalar::kU32:
      return std::make_unique<IntegerColumn<arrow::UInt32Builder>>(builder, property,
                                                                   std::move(checks));
    case Scalar::kU64:
      return std::make_unique<IntegerColumn<arrow::UInt64Builder>>(builder, property,
                                                                   std::move(checks));
    case Scalar::kF32:
      return std::make_unique<FloatColumn<arrow::FloatBuilder>>(builder, property,
                                                                std::move(checks));
    case Scalar::kF64:
      return std::make_unique<FloatColumn<arrow::DoubleBuilder>>(builder, property,
                                                                 std::move(checks));
    case Scalar::kDate:
      return std::make_unique<TimeColumn<arrow::Date32Builder>>(builder, property);
    case Scalar::kDateTime:
      return std::make_unique<TimeColumn<arrow::Date64Builder>>(builder, property);
    case Scalar::kBlob: return std::make_unique<BlobColumn>(builder, property);
    case Scalar::kVector: return std::make_unique<VectorColumn>(builder, property);
  }
  TARN_UNREACHABLE("a scalar without a column");
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> ColumnBuilder::Finish() {
  return columnar::FromArrow(builder_.Finish());
}

void ColumnBuilder::Reset() { builder_.Reset(); }

Result<OwnedColumn> MakeColumn(const schema::Property& property, ValueChecks checks) {
  OwnedColumn made;
  TARN_ARROW_ASSIGN_OR_RETURN(made.arrow, arrow::MakeBuilder(catalog::PhysicalType(property.type)));
  if (property.type.list) {
    arrow::ArrayBuilder& items = *static_cast<arrow::ListBuilder&>(*made.arrow).value_builder();
    made.column = std::make_unique<ListColumn>(*made.arrow, property,
                                               ScalarColumn(property, items, std::move(checks)));
  } else {
    made.column = ScalarColumn(property, *made.arrow, std::move(checks));
  }
  return made;
}

}  // namespace tarn::write
