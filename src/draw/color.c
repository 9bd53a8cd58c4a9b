/* Colours: a palette that colour-blind readers tell apart (after Okabe and Ito), and a map from value to
 * colour whose lightness grows evenly, so that it means the same in print. */
#include "draw/draw_impl.h"

#include <math.h>

rgb color_palette(int number)
{
    static const rgb palette[8] = {
        {0.000, 0.380, 0.640}, /* blue      */
        {0.835, 0.310, 0.000}, /* vermilion */
        {0.000, 0.530, 0.390}, /* green     */
        {0.680, 0.330, 0.560}, /* purple    */
        {0.800, 0.530, 0.000}, /* orange    */
        {0.240, 0.620, 0.860}, /* sky       */
        {0.100, 0.100, 0.120}, /* black     */
        {0.450, 0.450, 0.480}, /* grey      */
    };
    return palette[(unsigned)number % 8];
}

static double from_linear(double c)
{
    c = c <= 0.0031308 ? 12.92 * c : 1.055 * pow(c, 1 / 2.4) - 0.055;
    return c < 0 ? 0 : c > 1 ? 1 : c;
}

/* Oklab (Ottosson 2020) to sRGB. */
static rgb from_oklab(double L, double a, double b)
{
    double l = L + 0.3963377774 * a + 0.2158037573 * b;
    double m = L - 0.1055613458 * a - 0.0638541728 * b;
    double s = L - 0.0894841775 * a - 1.2914855480 * b;
    l *= l * l;
    m *= m * m;
    s *= s * s;
    return (rgb){from_linear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
                 from_linear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                 from_linear(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

/* Hue turns from indigo over teal to yellow while lightness rises from 0.38 to 0.93. */
rgb color_map(double t)
{
    t = t < 0 || t != t ? 0 : t > 1 ? 1 : t;
    double hue = (282 - 180 * t) * 0.017453292519943295;
    double chroma = 0.115 + 0.03 * t;
    return from_oklab(0.38 + 0.55 * t, chroma * cos(hue), chroma * sin(hue));
}

rgb color_mix(rgb a, rgb b, double t)
{
    return (rgb){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}
