/* canvas: a rectangle of characters. Each cell holds a character, or a pattern of dots (2 by 4 in Braille;
 * in ASCII one "dot" that is a character of its own), and a colour. Characters win over dots. */
#ifndef CANVAS_H
#define CANVAS_H

#include "draw/draw_impl.h"

enum { CANVAS_NO_COLOR = -1 };

typedef struct cell {
    uint32_t glyph; /* 0: none. CELL_TAKEN: the right half of a wide one */
    unsigned char dots;
    signed char color, dot_color;
} cell;
#define CELL_TAKEN UINT32_MAX

typedef struct canvas {
    gradus_ctx *ctx;
    size_t columns, rows;
    cell *cells;
    bool ascii, color;
    int dots_x, dots_y; /* dots of one cell */
} canvas;

bool canvas_init(canvas *c, gradus_ctx *ctx, size_t columns, size_t rows, bool ascii, bool color);
void canvas_clear(canvas *c);
/* NULL outside. */
cell *canvas_at(const canvas *c, long column, long row);
void canvas_dot(canvas *c, long x, long y, uint32_t ascii_glyph, int color);
/* A character; over: also where one stands already. */
void canvas_glyph(canvas *c, long column, long row, uint32_t glyph, int color, bool over);
/* Text from a column on, cut at the edge. */
void canvas_text(canvas *c, long column, long row, const char *s, int color);
/* Whether n cells are without characters and dots. */
bool canvas_is_free(const canvas *c, long column, long row, size_t n);
/* All rows, without spaces at their ends. */
void canvas_print(const canvas *c, strbuf *out);

#endif
