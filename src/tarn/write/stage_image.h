#pragma once

#include "tarn/catalog/catalog.h"
#include "tarn/write/graph_image.h"

namespace tarn::write {

/// Stages one transaction for each table whose rows differ from the stored ones: an append, or a
/// row delta. After an error `plan` holds what was staged, for the caller to abandon.
///
/// Precondition: the image was judged.
Status StageImage(catalog::Catalog& catalog, const GraphImage& image, catalog::CommitPlan& plan);

}  // namespace tarn::write
