#pragma once

#include <string>
#include <string_view>

#include "tarn/base/status.h"
#include "tarn/schema/schema.h"

namespace tarn::search {

/// The analyser's parameters, as the JSON of Lance's InvertedIndexParams, for a name of
/// `@index(analyzer="…")`:
///
///   ""  "default"  "text"     split at what is no letter or digit, lower case, ASCII folding,
///   English stems, English
///                             stop words removed, tokens over 40 characters dropped, no positions:
///                             what is used without a name
///   "english", "german", …    the same with the stems and stop words of that language, 18 of them
///   "simple"                  the same without stems and stop words
///   "whitespace"              as "simple", but split at white space alone
///   "raw"                     the whole text is one token, as it is written
///   "ngram"                   three characters at a time, lower case, folded: finds substrings
///   "code"                    identifiers of programs and their parts
///
/// kInvalidArgument for any other name, with the list of names.
Result<std::string> AnalyserParameters(std::string_view name);

/// The parameters for a String property: what `@index(analyzer=…)` on this property alone says,
/// else the default's.
Result<std::string> AnalyserParametersOf(const schema::NodeType& type, std::string_view property);

/// Does a token count as often as a query repeats it? In Lance it does, unless the repeats stand at one position, as
/// all tokens of "ngram" do. (Parts of one identifier under "code" do as well; those repeats are counted here.)
bool CountsRepeats(std::string_view parameters);

}  // namespace tarn::search
