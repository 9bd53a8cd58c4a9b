/* patch: a piece of a surface, the corners of a polygon in order. */
#ifndef PATCH_H
#define PATCH_H

#include "draw/draw_impl.h"

enum { CORNERS_MOST = 12 };

typedef struct point3 {
    double x, y, z;
} point3;

typedef struct patch {
    point3 at[CORNERS_MOST];
    size_t n;
} patch;

/* NaN where undefined or too large to be drawn. */
double surface_value(const surface *s, double x, double y);
/* The part of a cell where the surface is defined: c are its corners around (z NaN: undefined); the border
 * of the domain is found on the cell's sides. */
void patch_from_cell(const surface *s, const point3 c[4], patch *out);
/* Cuts at a height. sign 1 keeps what lies at or below it, -1 at or above. */
void patch_cut(patch *p, double height, double sign);

#endif
