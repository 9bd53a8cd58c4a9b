/* place: where labels and the legend may stand without covering the curves. The frame is cut into small
 * cells; what is drawn marks its cells, and a rectangle costs as many as it would cover. */
#ifndef PLACE_H
#define PLACE_H

#include "draw/ink.h"

typedef struct place {
    gradus_ctx *ctx;
    rect area;
    size_t nx, ny;
    unsigned char *cells;
} place;

bool place_init(place *p, gradus_ctx *ctx, rect area);
void place_clear(place *p);
/* A segment, already cut to the area. */
void place_mark_segment(place *p, point2 a, point2 b);
void place_mark_rect(place *p, rect r);
/* Marked cells under r; a part of r outside the area counts as marked. */
size_t place_cost(const place *p, rect r);
/* The best of the corners and edge middles for a w by h box kept `inset` from the border: its cost, the box
 * in *out. */
size_t place_in_frame(const place *p, double w, double h, double inset, rect *out);
/* The best place for a w by h box beside (x, y), `gap` away; marks it. */
rect place_beside(place *p, double x, double y, double w, double h, double gap);

#endif
