#include "tarn/catalog/conflict.h"

#include "tarn/base/json_writer.h"

namespace tarn::catalog {

Status PreconditionFailure(const std::string& expected, const std::string& actual) {
  JsonWriter detail;
  detail.BeginObject().Key("expected").String(expected).Key("actual").String(actual).EndObject();
  return Error(ErrorId::kPreconditionFailed,
               "the write wants commit {} as the head, the head is {}", expected, actual)
      .WithHint("Read again, and write with the commit id of that read.")
      .WithDetail("precondition_failure", detail.Take());
}

}  // namespace tarn::catalog
