/* access: elements of arrays, literal tuples, matrix functions, extents; derivatives and limits not yet taken. */
#include "term/term_impl.h"

static bool any_raw(const gradus_ctx *ctx, const term *t, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (t[i] && (term_get_flags(ctx, t[i]) & TF_RAW))
            return true;
    return false;
}

/* Entry of a (nested) literal at the first integer indices; *used tells how many were spent. */
static term tuple_entry(gradus_ctx *ctx, term t, const term *index, uint32_t n, uint32_t *used)
{
    *used = 0;
    long i;
    while (*used < n && term_is(ctx, t, OP_TUPLE) && term_get_long(ctx, index[*used], &i)) {
        if (i < 1 || (unsigned long)i > term_argc(ctx, t))
            return term_undefined(ctx);
        t = term_arg(ctx, t, (uint32_t)i - 1);
        ++*used;
    }
    return t;
}

term term_acc(gradus_ctx *ctx, term array, const term *index, uint32_t n)
{
    term args[1 + SYM_MAX_RANK], from[SYM_MAX_RANK];
    if (!array || n > SYM_MAX_RANK)
        return TERM_NONE;
    for (uint32_t i = 0; i < n; i++)
        if (!index[i])
            return TERM_NONE;
    bool raw = any_raw(ctx, index, n) || any_raw(ctx, &array, 1);
    if (!raw && term_is(ctx, array, OP_ARRAY) && (term_argc(ctx, array) - 1) / 3 == n) {
        for (uint32_t k = 0; k < n; k++)
            from[k] = term_arg(ctx, array, 3 * k);
        return term_subst(ctx, term_arg(ctx, array, 3 * n), from, index, n);
    }
    if (!raw && term_is(ctx, array, OP_TUPLE)) {
        uint32_t used;
        array = tuple_entry(ctx, array, index, n, &used);
        if (used == n || term_is(ctx, array, OP_UNDEF))
            return array;
        index += used;
        n -= used;
    }
    args[0] = array;
    memcpy(args + 1, index, n * sizeof *args);
    return term_intern(ctx, OP_ACC, 0, 0, args, n + 1, NULL, 0);
}

term term_tuple(gradus_ctx *ctx, const term *entry, uint32_t n)
{
    return term_intern(ctx, OP_TUPLE, 0, 0, entry, n, NULL, 0);
}

term term_matfn_make(gradus_ctx *ctx, term_matfn f, term array)
{
    return term_intern(ctx, OP_MATFN, f, 0, &array, 1, NULL, 0);
}

term term_extent(gradus_ctx *ctx, term array, uint32_t axis)
{
    if (!array)
        return TERM_NONE;
    switch (term_get_op(ctx, array)) {
    case OP_SYM: {
        const sym_info *info = term_sym_info(ctx, array);
        if (axis < SYM_MAX_RANK && info->dims[axis] >= 0)
            return term_int(ctx, (long)info->dims[axis]);
        if (axis < SYM_MAX_RANK && info->axis_hi[axis]) /* declared: X[i=1..n] */
            return info->axis_lo[axis] && !term_is_int(ctx, info->axis_lo[axis], 1)
                       ? term_add2(ctx, term_sub(ctx, info->axis_hi[axis], info->axis_lo[axis]), term_int(ctx, 1))
                       : info->axis_hi[axis];
        break;
    }
    case OP_ARRAY: {
        term one = term_int(ctx, 1);
        return term_add2(ctx, term_sub(ctx, term_arg(ctx, array, 3 * axis + 2), term_arg(ctx, array, 3 * axis + 1)), one);
    }
    case OP_TUPLE:
        if (axis == 0)
            return term_int(ctx, (long)term_argc(ctx, array));
        return term_extent(ctx, term_arg(ctx, array, 0), axis - 1);
    case OP_MATFN:
        return term_extent(ctx, term_arg(ctx, array, 0), 1 - axis); /* inv of a square matrix */
    default: break;
    }
    return term_intern(ctx, OP_EXTENT, 0, 0, (term[]){array, term_int(ctx, (long)axis + 1)}, 2, NULL, 0);
}

term term_deriv(gradus_ctx *ctx, term body, const term *x, const uint32_t *order, uint32_t n)
{
    term args[1 + 2 * SYM_MAX_RANK];
    if (n > SYM_MAX_RANK)
        return TERM_NONE;
    args[0] = body;
    for (uint32_t i = 0; i < n; i++) {
        args[1 + 2 * i] = x[i];
        args[2 + 2 * i] = term_int(ctx, order ? (long)order[i] : 1);
    }
    return term_intern(ctx, OP_DERIV, 0, 0, args, 1 + 2 * n, NULL, 0);
}

term term_limit(gradus_ctx *ctx, term body, term x, term target, term_side side)
{
    return term_intern(ctx, OP_LIMIT, side, 0, (term[]){body, x, target}, 3, NULL, 0);
}
