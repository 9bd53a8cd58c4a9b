/* ink: what pictures are drawn with. A thin layer over Cairo and Pango, the only files that call them;
 * lengths are points, y downwards. Text is a label (see label.c). Calls after a failure do nothing; ink_end
 * tells it. */
#ifndef INK_H
#define INK_H

#include "draw/draw_impl.h"

enum { INK_FONT = 11, INK_SMALL = 9, INK_TITLE = 13 }; /* sizes of text, in points */

typedef struct ink_api ink_api;

typedef enum ink_align { INK_START, INK_MIDDLE, INK_END, INK_BASE } ink_align;

typedef struct rect {
    double x, y, w, h;
} rect;

/* Begins a picture of width by height points. GRADUS_UNABLE when Cairo or Pango cannot be loaded. */
BASE_MUST_USE gradus_status ink_begin(gradus_ctx *ctx, draw_format format, double width, double height,
                                      double scale, const char *title, ink **out);
/* Ends it and appends its bytes. Frees k in any case. */
BASE_MUST_USE gradus_status ink_end(ink *k, strbuf *out);
gradus_ctx *ink_ctx(const ink *k);
double ink_width(const ink *k);
double ink_height(const ink *k);

void ink_color(ink *k, rgb c, double alpha);
/* Dashes grow with the width. */
void ink_pen(ink *k, draw_line line, double width);
void ink_move(ink *k, double x, double y);
void ink_line(ink *k, double x, double y);
void ink_close(ink *k);
void ink_rect(ink *k, rect r);
void ink_stroke(ink *k);
void ink_fill(ink *k);
/* Fills with the colour set, then strokes the same path with the pen in it: neighbours leave no seam. */
void ink_fill_stroke(ink *k);
void ink_segment(ink *k, double x0, double y0, double x1, double y1);
void ink_clip(ink *k, rect r);
void ink_unclip(ink *k);
/* A mark of about `size` points across; c fills it, or outlines it where the mark is hollow. */
void ink_mark(ink *k, draw_mark m, double x, double y, double size, rgb c);
/* A filled head with its tip at (x, y), pointing along (dx, dy). */
void ink_arrow_head(ink *k, double x, double y, double dx, double dy, double size);

/* Extent of a label in points. */
void ink_text_size(ink *k, const char *label, int size, double *w, double *h);
/* Draws a label in the colour set; (x, y) is its start, middle or end in both directions (INK_BASE: y is
 * the base line). halo: a white edge around the letters. */
void ink_text(ink *k, const char *label, int size, double x, double y, ink_align across, ink_align down,
              bool halo);
/* The same centred at (x, y) and turned clockwise by `angle` (radians). */
void ink_text_turned(ink *k, const char *label, int size, double x, double y, double angle, bool halo);
/* Longer labels end in an ellipsis from here on; 0: no limit. */
void ink_text_limit(ink *k, double width);

#endif
