/* space: the parts of a picture of a surface in space, shared by space.c (box and layout), solid.c (the
 * surface) and lift.c (paths and points on it). */
#ifndef SPACE_H
#define SPACE_H

#include "draw/ink.h"
#include "draw/patch.h"

#define SPACE_HEIGHT 0.72 /* half height of the box; half its width is 1 */

typedef struct view {
    draw_figure *fig;
    ink *k;
    grid g;
    levels l;
    range z; /* of the box: floor to top */
    point3 right, up, toward;
    double scale, cx, cy;
    bool near_x, near_y; /* whether the greater end of the axis is nearer */
    ticks tx, ty, tz;
    double title_room, legend_room;
} view;

/* Turns the viewer; azimuth in degrees. */
void space_aim(view *v, double azimuth);
double space_dot(point3 a, point3 b);
/* Data to the box [-1, 1] x [-1, 1] x [-SPACE_HEIGHT, SPACE_HEIGHT]. */
point3 space_to_box(const view *v, double x, double y, double z);
point2 space_project(const view *v, double x, double y, double z);
/* Where z lies between the lowest and the highest shown, 0 to 1. */
double space_share(const view *v, double z);

void solid_draw(view *v);
/* The viewer goes where most of the paths is seen, unless the options say where. */
void lift_choose_azimuth(view *v);
/* All paths and points, on the floor or on the surface. */
void lift_draw_items(view *v, bool floor);

#endif
