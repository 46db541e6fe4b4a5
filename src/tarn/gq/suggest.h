#pragma once

#include <string>
#include <vector>

#include "tarn/gq/resolution.h"

// Names that could have been meant. Each returns "did you mean `x`?" or "".
namespace tarn::gq {

std::string SuggestNode(const std::string& word, const schema::Schema& schema);
/// Edges are spelled lower-case first, as in a traversal.
std::string SuggestEdge(const std::string& word, const schema::Schema& schema);
std::string SuggestTarget(const std::string& word, const schema::Schema& schema);
std::string SuggestProperty(const std::string& word,
                            const std::vector<schema::Property>& properties);
std::string SuggestVariable(const std::string& word, const Resolution& state);
std::string SuggestParameter(const std::string& word, const Resolution& state);
/// A word that is no alias: a near one, or the property of that name, written in full.
std::string SuggestAlias(const std::string& word, const Resolution& state);
/// `$variable.word` where the type in `slot` has no such property: ids and ends are not properties.
std::string SuggestPropertyOf(const Slot& slot, const std::string& variable,
                              const std::string& word);

}  // namespace tarn::gq
