// Every object that includes <iostream> sets up std::cout and its kin before
// main, with a locale: a third of what a short tool would do. Some of Abseil's
// do; no tool uses them (//dev:tidy_test). This takes the place of the set-up.

#include <ios>

namespace std {

ios_base::Init::Init() = default;
ios_base::Init::~Init() = default;

}  // namespace std
