#include "text/text_impl.h"
bool lex_latex(reader *r) { return reader_error(r, 0, 0, NULL, "LaTeX is not read yet"); }
