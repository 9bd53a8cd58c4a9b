/* print_names: under which name each symbol and bound index is shown, and whether a range must be.
 *
 * Two different things are never shown under one name where both can be seen. A bound index gets the name it
 * was typed with, or, where that is taken by a symbol of the term or by a binder around it, the next free
 * letter.  */
#include "text/print_impl.h"
#include "text/text_impl.h"

#include <string.h>

/* ---- the table of names in use -------------------------------------------------------------- */

static name_slot *find_slot(printer *p, const char *name)
{
    size_t i = hash_bytes(name, strlen(name)) & (p->name_cap - 1);
    while (p->names[i].name && strcmp(p->names[i].name, name) != 0) i = (i + 1) & (p->name_cap - 1);
    return &p->names[i];
}

static bool grow_names(printer *p)
{
    size_t old_cap = p->name_cap, cap = old_cap ? old_cap * 2 : 64;
    name_slot *old = p->names;
    name_slot *slots = ctx_realloc(p->ctx, NULL, 0, cap * sizeof *slots);
    if (!slots) return false;
    memset(slots, 0, cap * sizeof *slots);
    p->names = slots;
    p->name_cap = cap;
    for (size_t i = 0; i < old_cap; i++)
        if (old[i].name) *find_slot(p, old[i].name) = old[i];
    ctx_realloc(p->ctx, old, old_cap * sizeof *old, 0);
    return true;
}

static bool is_used(printer *p, const char *name)
{
    return find_slot(p, name)->uses > 0;
}

/* name must live as long as the printer. */
static bool use_name(printer *p, const char *name, term owner)
{
    if ((p->name_count + 1) * 2 > p->name_cap && !grow_names(p)) return false;
    name_slot *s = find_slot(p, name);
    if (!s->name) {
        s->name = name;
        p->name_count++;
    }
    s->uses++;
    s->owner = owner;
    return true;
}

static void drop_name(printer *p, const char *name)
{
    name_slot *s = find_slot(p, name);
    if (s->uses) s->uses--;
}

/* Words that read as something else than an index. */
static bool is_reserved(const char *name)
{
    static const char *const word[] = {"e",   "pi",  "inf",  "d",     "if",        "or",       "and",
                                       "not", "for", "true", "false", "otherwise", "undefined"};
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        if (strcmp(name, word[i]) == 0) return true;
    return fn_find(name, strlen(name)) != FN_NONE;
}

static bool is_free(printer *p, const char *name)
{
    return !is_used(p, name) && !is_reserved(name);
}

/* A letter after the wished one that is free; else the wish with a number behind it. */
static const char *next_name(printer *p, const char *wish)
{
    char first = wish[0];
    if (((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z')) && !wish[1]) {
        char base = first >= 'a' ? 'a' : 'A';
        for (int step = 1; step < 26; step++) {
            char letter[2] = {(char)(base + (first - base + step) % 26), '\0'};
            if (letter[0] != 'o' && letter[0] != 'O' && is_free(p, letter))
                return arena_strndup(&p->keep, letter, 1);
        }
    }
    for (;;) {
        const char *name = arena_printf(&p->keep, "%s%u", wish, (unsigned)++p->made);
        if (!name || is_free(p, name)) return name;
    }
}

/* ---- symbols -------------------------------------------------------------------------------- */

static bool add_symbol(printer *p, term sym, bool by_name)
{
    const char *name = term_sym_name(p->ctx, sym);
    bool own = term_find_sym(p->ctx, name, strlen(name)) == sym;
    if (own != by_name) return true;
    if (!own && is_used(p, name)) {
        name = next_name(p, name);
        if (!name || !vec_push(p->ctx, &p->aliases, ((sym_alias){sym, name}))) return false;
    }
    return use_name(p, name, sym);
}

/* Has what stands under derivative t several variables? Then its d is round. */
static bool is_partial(printer *p, term t)
{
    term_vec names = {0};
    uint32_t variables = 0;
    if (!term_symbols(p->ctx, term_arg(p->ctx, t, 0), false, &names)) names.n = 0;
    for (size_t i = 0; i < names.n; i++) {
        sym_role role = term_sym_info(p->ctx, names.at[i])->role;
        variables += role == ROLE_VARIABLE || role == ROLE_DATA;
    }
    vec_clear(p->ctx, &names);
    return variables > 1;
}

bool text_names_init(printer *p, term root)
{
    if (!grow_names(p)) return false;
    term_vec all = {0};
    bool fine = term_reachable(p->ctx, &root, 1, &all);
    /* Symbols that a reader finds by their name go first: they keep it. */
    for (int pass = 0; pass < 2 && fine; pass++)
        for (size_t i = 0; i < all.n && fine; i++) {
            if (pass == 0 && term_is(p->ctx, all.at[i], OP_DERIV) && !p->partial_d)
                p->partial_d = is_partial(p, all.at[i]);
            if (term_get_op(p->ctx, all.at[i]) != OP_SYM) continue;
            fine = add_symbol(p, all.at[i], pass == 0);
        }
    vec_clear(p->ctx, &all);
    return fine;
}

void text_names_clear(printer *p)
{
    ctx_realloc(p->ctx, p->names, p->name_cap * sizeof *p->names, 0);
    vec_clear(p->ctx, &p->aliases);
}

static const char *symbol_name(printer *p, term sym)
{
    size_t lo = 0, hi = p->aliases.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (p->aliases.at[mid].sym < sym) lo = mid + 1;
        else hi = mid;
    }
    if (lo < p->aliases.n && p->aliases.at[lo].sym == sym) return p->aliases.at[lo].name;
    return term_sym_name(p->ctx, sym);
}

/* ---- bound indices -------------------------------------------------------------------------- */

static print_scope *scope_of(printer *p, term bound)
{
    uint32_t level = term_aux(p->ctx, bound);
    if (level >= p->scope_of_level.n || !p->scope_of_level.at[level]) return NULL;
    return &p->scopes.at[p->scope_of_level.at[level] - 1];
}

const char *text_name(printer *p, term t)
{
    if (term_get_op(p->ctx, t) == OP_SYM) return symbol_name(p, t);
    const print_scope *s = scope_of(p, t);
    if (s) return s->name;
    /* Its binder is outside of what is printed. */
    const char *name = arena_printf(&p->scratch, "i%u", (unsigned)term_aux(p->ctx, t));
    return name ? name : "";
}

uint32_t text_scope_new(printer *p, term binder, uint32_t k)
{
    const term *arg = term_args(p->ctx, binder);
    const char *name = term_binder_name(p->ctx, binder, k);
    if (!name || !*name) name = "i";
    if (is_used(p, name)) name = next_name(p, name);
    print_scope s = {
        .level = term_aux(p->ctx, arg[3 * k]), .name = name, .lo = arg[3 * k + 1], .hi = arg[3 * k + 2]};
    if (!name || !use_name(p, name, TERM_NONE) || !vec_push(p->ctx, &p->scopes, s)) {
        p->broken = true;
        return 0;
    }
    return (uint32_t)p->scopes.n - 1;
}

void text_scope_enter(printer *p, uint32_t scope)
{
    uint32_t level = p->scopes.at[scope].level;
    while (p->scope_of_level.n <= level)
        if (!vec_push(p->ctx, &p->scope_of_level, 0)) {
            p->broken = true;
            return;
        }
    p->scope_of_level.at[level] = scope + 1;
}

/* Scopes are left in the reverse order of their making. */
void text_scope_leave(printer *p, uint32_t scope)
{
    print_scope *s = &p->scopes.at[scope];
    p->scope_of_level.at[s->level] = 0;
    drop_name(p, s->name);
    for (uint32_t i = 0; i < s->hole_count; i++) p->holes.at[s->hole[i]].cut = s->shown && !s->differs;
    p->scopes.n = scope;
}

static void array_range(gradus_ctx *ctx, term array, uint32_t axis, term *lo, term *hi)
{
    if (term_is(ctx, array, OP_MATFN)) /* the shape of what is inverted */
        array = term_arg(ctx, array, 0);
    if (term_is(ctx, array, OP_SYM)) {
        text_axis_range(ctx, array, axis, lo, hi);
    } else if (term_is(ctx, array, OP_ARRAY)) {
        *lo = term_arg(ctx, array, 3 * axis + 1);
        *hi = term_arg(ctx, array, 3 * axis + 2);
    } else {
        *lo = term_int(ctx, 1);
        *hi = term_extent(ctx, array, axis);
    }
}

/* Would the reader, who takes the range lo..hi from another use, refuse this one or take it for another size?
 */
static bool clashes(gradus_ctx *ctx, const print_scope *s, term lo, term hi)
{
    if (lo == s->lo && hi == s->hi) return false;
    term d = term_sub(ctx, term_sub(ctx, hi, lo), term_sub(ctx, s->hi, s->lo));
    return !d || (term_is_num(ctx, d) && (term_num_sign(ctx, d) != 0 || lo != s->lo));
}

/* The reader gives an index without a range that of the first array it indexes. */
void text_scope_note(printer *p, term array, uint32_t axis, term index)
{
    gradus_ctx *ctx = p->ctx;
    bool shifted = term_is(ctx, index, OP_ADD) && term_argc(ctx, index) == 3 &&
                   term_is_int(ctx, term_arg(ctx, index, 1), 1);
    term bound = shifted ? term_arg(ctx, index, 2) : index, lo, hi;
    print_scope *s = term_is(ctx, bound, OP_BOUND) ? scope_of(p, bound) : NULL;
    if (!s || s->differs) return;
    array_range(ctx, array, axis, &lo, &hi);
    bool same = lo == s->lo && hi == s->hi;
    if (shifted) s->differs = same; /* would leave the range */
    else if (!s->shown) s->differs = !same;
    else s->differs = clashes(ctx, s, lo, hi);
    s->shown = s->shown || !shifted;
}

/* ---- Greek ---------------------------------------------------------------------------------- */

static const struct greek {
    const char *name, *utf8;
} greek[] = {
    {"alpha", "α"}, {"beta", "β"},   {"gamma", "γ"}, {"delta", "δ"}, {"epsilon", "ε"}, {"zeta", "ζ"},
    {"eta", "η"},   {"theta", "θ"},  {"iota", "ι"},  {"kappa", "κ"}, {"lambda", "λ"},  {"mu", "μ"},
    {"nu", "ν"},    {"xi", "ξ"},     {"rho", "ρ"},   {"sigma", "σ"}, {"tau", "τ"},     {"upsilon", "υ"},
    {"phi", "φ"},   {"chi", "χ"},    {"psi", "ψ"},   {"omega", "ω"}, {"Gamma", "Γ"},   {"Delta", "Δ"},
    {"Theta", "Θ"}, {"Lambda", "Λ"}, {"Xi", "Ξ"},    {"Pi", "Π"},    {"Sigma", "Σ"},   {"Upsilon", "Υ"},
    {"Phi", "Φ"},   {"Psi", "Ψ"},    {"Omega", "Ω"},
};

static const struct greek *greek_of(const char *name)
{
    for (size_t i = 0; i < sizeof greek / sizeof *greek; i++)
        if (strcmp(greek[i].name, name) == 0 || strcmp(greek[i].utf8, name) == 0) return &greek[i];
    return NULL;
}

const char *text_greek_name(const char *name)
{
    const struct greek *g = greek_of(name);
    return g ? g->name : NULL;
}

const char *text_greek_utf8(const char *name)
{
    const struct greek *g = greek_of(name);
    return g ? g->utf8 : NULL;
}
