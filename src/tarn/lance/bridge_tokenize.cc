#include "tarn/lance/bridge_tokenize.h"

#include <arrow/array.h>
#include <arrow/builder.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/columnar/c_data.h"
#include "tarn/store/bridge_status.h"

namespace tarn::lance {

Result<std::vector<std::vector<std::string>>> Tokenize(const std::vector<std::string_view>& texts,
                                                       std::string_view analyser) {
  arrow::StringBuilder builder;
  for (std::string_view text : texts) TARN_ARROW_RETURN_IF_ERROR(builder.Append(text));
  TARN_ARROW_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Array> input, builder.Finish());
  columnar::CArray in;
  columnar::CArray out;
  columnar::CSchema in_schema;
  columnar::CSchema out_schema;
  TARN_RETURN_IF_ERROR(columnar::ExportArray(*input, in, in_schema));
  TARN_RETURN_IF_ERROR(store::CallBridge(tlb_tokenize,
                                         store::Str(analyser.empty() ? kDefaultAnalyser : analyser),
                                         in.get(), in_schema.get(), out.get(), out_schema.get()));
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Array> output,
                        columnar::ImportArray(out, out_schema));
  const auto* lists = dynamic_cast<const arrow::ListArray*>(output.get());
  if (lists == nullptr || lists->value_type()->id() != arrow::Type::STRING) {
    return Error(ErrorId::kInternal, "the bridge's tokens are {}", output->type()->ToString());
  }
  const auto& tokens = static_cast<const arrow::StringArray&>(*lists->values());
  std::vector<std::vector<std::string>> found(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    for (int64_t at = lists->value_offset(row); at < lists->value_offset(row + 1); ++at) {
      found[i].emplace_back(tokens.GetView(at));
    }
  }
  return found;
}

}  // namespace tarn::lance
