#pragma once
// Self-test rows: a few synthetic rows, drawn from the sketches of the columns, that go with a model together with
// their predictions, so that `verify` can say whether a file predicts here what it predicted where it was made. They
// hold no row of the training data.
//
//   std::tie(parts.self_test_cells, parts.self_test_outputs) = make_self_test(parts);     // before saving

#include <automill/predict/served_model.hpp>
#include <utility>

namespace automill {

/// (cells, outputs), row-major. The first row is all missing, the second has unseen categories, the others are drawn.
/// The same parts give the same rows. In a text column a cell is the number of a fixed text.
AUTOMILL_EXPORT std::pair<std::vector<double>, std::vector<double>> make_self_test(const ModelParts& parts,
                                                                                   std::size_t rows = 16);

}  // namespace automill
