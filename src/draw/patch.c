#include "draw/patch.h"

#include <math.h>

double surface_value(const surface *s, double x, double y)
{
    double z = s->f(s->user, x, y);
    return fabs(z) <= 1e300 ? z : NAN;
}

/* On the side from a (defined) to b (not): the last defined point, found by halving. */
static point3 border_point(const surface *s, point3 a, point3 b)
{
    for (int k = 0; k < 14; k++) {
        point3 m = {(a.x + b.x) / 2, (a.y + b.y) / 2, 0};
        m.z = surface_value(s, m.x, m.y);
        if (m.z == m.z) a = m;
        else b = m;
    }
    return a;
}

void patch_from_cell(const surface *s, const point3 c[4], patch *out)
{
    out->n = 0;
    for (int k = 0; k < 4; k++) {
        point3 a = c[k], b = c[(k + 1) % 4];
        bool here = a.z == a.z, there = b.z == b.z;
        if (here) out->at[out->n++] = a;
        if (here != there) out->at[out->n++] = here ? border_point(s, a, b) : border_point(s, b, a);
    }
}

void patch_cut(patch *p, double height, double sign)
{
    patch in = *p;
    p->n = 0;
    for (size_t k = 0; k < in.n && p->n + 2 <= CORNERS_MOST; k++) {
        point3 a = in.at[k], b = in.at[(k + 1) % in.n];
        bool here = sign * (a.z - height) <= 0, there = sign * (b.z - height) <= 0;
        if (here) p->at[p->n++] = a;
        if (here != there) {
            double s = (height - a.z) / (b.z - a.z);
            p->at[p->n++] = (point3){a.x + s * (b.x - a.x), a.y + s * (b.y - a.y), height};
        }
    }
}
