#include "draw/canvas.h"

#include <string.h>

bool canvas_init(canvas *c, gradus_ctx *ctx, size_t columns, size_t rows, bool ascii, bool color)
{
    *c = (canvas){.ctx = ctx, .columns = columns, .rows = rows, .ascii = ascii, .color = color};
    c->dots_x = ascii ? 1 : 2;
    c->dots_y = ascii ? 1 : 4;
    c->cells = ctx_realloc(ctx, NULL, 0, columns * rows * sizeof *c->cells);
    for (size_t i = 0; c->cells && i < columns * rows; i++)
        c->cells[i] = (cell){0, 0, CANVAS_NO_COLOR, CANVAS_NO_COLOR};
    return c->cells != NULL;
}

void canvas_clear(canvas *c)
{
    if (c->cells) ctx_realloc(c->ctx, c->cells, c->columns * c->rows * sizeof *c->cells, 0);
    c->cells = NULL;
}

cell *canvas_at(const canvas *c, long column, long row)
{
    if (column < 0 || row < 0 || (size_t)column >= c->columns || (size_t)row >= c->rows) return NULL;
    return &c->cells[(size_t)row * c->columns + (size_t)column];
}

void canvas_dot(canvas *c, long x, long y, uint32_t ascii_glyph, int color)
{
    /* Bits of U+2800: left column 0, 1, 2, 6 from above, right column 3, 4, 5, 7. */
    static const unsigned char bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || y < 0) return;
    cell *at = canvas_at(c, x / c->dots_x, y / c->dots_y);
    if (!at) return;
    if (c->ascii) canvas_glyph(c, x, y, ascii_glyph, color, false);
    at->dots |= c->ascii ? 0 : bits[y % 4][x % 2];
    at->dot_color = (signed char)color;
}

void canvas_glyph(canvas *c, long column, long row, uint32_t glyph, int color, bool over)
{
    cell *at = canvas_at(c, column, row);
    if (!at || (at->glyph && !over)) return;
    at->glyph = glyph;
    at->color = (signed char)color;
}

void canvas_text(canvas *c, long column, long row, const char *s, int color)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n;) {
        uint32_t code = 0;
        int len = utf8_decode(s + i, n - i, &code);
        size_t width = utf8_width(s + i, len > 0 ? (size_t)len : 1);
        i += len > 0 ? (size_t)len : 1;
        if (width == 0) continue;
        if (width == 2 && !canvas_at(c, column + 1, row)) return;
        canvas_glyph(c, column, row, len > 0 ? code : '?', color, true);
        if (width == 2) canvas_glyph(c, column + 1, row, CELL_TAKEN, color, true);
        column += (long)width;
    }
}

bool canvas_is_free(const canvas *c, long column, long row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const cell *at = canvas_at(c, column + (long)i, row);
        if (!at || at->glyph || at->dots) return false;
    }
    return true;
}

static void print_color(const canvas *c, strbuf *out, int *now, int color)
{
    /* Colours of the 256-colour cube nearest to the palette. */
    static const int codes[8] = {32, 166, 36, 133, 172, 74, 0, 245};
    if (!c->color || *now == color) return;
    if (color < 0 || codes[color % 8] == 0) strbuf_add(out, "\x1b[0m");
    else strbuf_printf(out, "\x1b[38;5;%dm", codes[color % 8]);
    *now = color;
}

void canvas_print(const canvas *c, strbuf *out)
{
    for (size_t row = 0; row < c->rows; row++) {
        const cell *line = c->cells + row * c->columns;
        size_t past = c->columns;
        int now = CANVAS_NO_COLOR;
        while (past && !line[past - 1].dots && (!line[past - 1].glyph || line[past - 1].glyph == ' ')) past--;
        for (size_t i = 0; i < past; i++) {
            char bytes[4];
            uint32_t glyph = line[i].glyph ? line[i].glyph : line[i].dots ? 0x2800u + line[i].dots : ' ';
            if (glyph == CELL_TAKEN) continue;
            if (glyph != ' ') print_color(c, out, &now, line[i].glyph ? line[i].color : line[i].dot_color);
            strbuf_addn(out, bytes, (size_t)utf8_encode(glyph, bytes));
        }
        print_color(c, out, &now, CANVAS_NO_COLOR);
        strbuf_addc(out, '\n');
    }
}
