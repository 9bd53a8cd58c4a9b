/* Inside room func: the two evaluations of every row, and what they share. */
#ifndef FUNC_IMPL_H
#define FUNC_IMPL_H

#include "func/func.h"

/* Row id is evaluated by func_double_<id> and func_ball_<id>; func.c puts them into the table. */
#define FUNC(id, ...)                                                                                        \
    double func_double_##id(const double *args, int n);                                                      \
    fn_ball func_ball_##id(arb_t out, const arb_struct *args, int n, slong prec);
#include "func/func.def"
#undef FUNC

/* The domain's verdict on one argument from two proven facts: `in` (all of the ball is inside), `out` (all
 * outside). */
static inline fn_ball func_verdict(bool in, bool out)
{
    return in ? FN_BALL_OK : out ? FN_BALL_OUTSIDE : FN_BALL_UNSURE;
}

/* true when the ball is exact and an integer. */
bool func_ball_is_int(const arb_t u);
/* Verdict on "not an integer <= 0", the domain of gamma and its kin. */
fn_ball func_gamma_domain(const arb_t u);
/* OK with out = f's ball; UNSURE when out came out as NaN, which says nothing. */
fn_ball func_answer(const arb_t out);

#endif
