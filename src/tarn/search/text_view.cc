#include "tarn/search/text_view.h"

#include <arrow/array.h>
#include <arrow/type.h>

namespace tarn::search {

Result<TextView> TextView::Of(const arrow::Array& array, std::string_view what) {
  TextView view;
  view.size_ = array.length();
  if (array.null_count() > 0) {
    view.validity_ = array.null_bitmap_data();
    view.validity_offset_ = array.offset();
  }
  if (array.type_id() == arrow::Type::STRING) {
    const auto& text = static_cast<const arrow::StringArray&>(array);
    view.small_ = text.raw_value_offsets();
    view.text_ = reinterpret_cast<const char*>(text.raw_data());
  } else if (array.type_id() == arrow::Type::LARGE_STRING) {
    const auto& text = static_cast<const arrow::LargeStringArray&>(array);
    view.large_ = text.raw_value_offsets();
    view.text_ = reinterpret_cast<const char*>(text.raw_data());
  } else {
    return Error(ErrorId::kCorruptData, "{} holds {} where text was expected", what,
                 array.type()->ToString());
  }
  return view;
}

}  // namespace tarn::search
