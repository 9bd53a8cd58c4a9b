/* Signs of constant terms, proven by balls. */
#include "eval/ball_impl.h"

enum { DECIDE_PREC = 4096 };

/* -1, 0, 1: proven; 2: not. Nothing is recorded as a failure: a term that cannot be evaluated is just not
 * decided. */
static int decide_sign(gradus_ctx *ctx, term t)
{
    if (t == TERM_NONE || ctx_status(ctx) != GRADUS_OK)
        return 2;
    if (term_is_num(ctx, t))
        return term_num_sign(ctx, t);
    if (!(term_get_flags(ctx, t) & TF_NUMERIC))
        return 2;
    machine m;
    int sign = 2;
    if (machine_init(&m, ctx, &ball_domain, NULL, 0)) {
        prog *p = prog_make(&m, &t, 1, NULL, 0);
        instance *in = p ? instance_make(&m, p) : NULL;
        uint32_t root = in ? prog_find(p, t) : 0;
        for (slong prec = 64; in && sign == 2 && prec <= DECIDE_PREC; prec *= 4) {
            machine_round(&m, prec);
            if (!walk(&m, in, root) || in->st[root].kind == EV_UNDEF)
                break;
            uint8_t kind = in->st[root].kind;
            if (kind == EV_NUM || kind == EV_PINF || kind == EV_NINF)
                sign = ball_sign(&m, &in->st[root], pay_at(in, root));
        }
    }
    machine_clear(&m);
    return sign;
}

gradus_truth eval_decide_zero(gradus_ctx *ctx, term t)
{
    int s = decide_sign(ctx, t);
    return s == 2 ? GRADUS_UNKNOWN : s == 0 ? GRADUS_YES : GRADUS_NO;
}

gradus_truth eval_decide_positive(gradus_ctx *ctx, term t)
{
    int s = decide_sign(ctx, t);
    return s == 2 ? GRADUS_UNKNOWN : s > 0 ? GRADUS_YES : GRADUS_NO;
}
