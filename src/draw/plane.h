/* plane: the parts that make up a plane picture, shared by plane.c (layout), marks.c (items), legend.c and
 * map.c. */
#ifndef PLANE_H
#define PLANE_H

#include "draw/ink.h"
#include "draw/place.h"

typedef struct plane {
    draw_figure *fig;
    ink *k;
    window w;
    ticks tx, ty;
    place room;
    point2 pen; /* where the path being traced stands */
    bool pen_down;
    bool grey_names; /* names of items that are undefined everywhere have been written */
} plane;

/* Marks in p->room what the items will cover. */
void marks_reserve(plane *p);
/* Draws the items inside the frame, and the labels of points. */
void marks_draw(plane *p);
/* The line or area that stands for an item in the legend, centred at y. */
void marks_sample(ink *k, const item *it, double x, double y, double width);

/* Rows of sample and label; only items with labels, points excepted. */
bool legend_is_wanted(const draw_figure *fig);
/* Size of the legend when it stands in a box, or flows in lines no wider than `across`. */
void legend_size_box(const draw_figure *fig, ink *k, double *w, double *h);
double legend_height_below(const draw_figure *fig, ink *k, double across);
void legend_draw_box(const draw_figure *fig, ink *k, rect r);
void legend_draw_below(const draw_figure *fig, ink *k, double x, double y, double across);

/* The contour map under the items of a plane figure with a surface. */
gradus_status map_draw(plane *p);

#endif
