/* latex_parts: names with their subscripts, functions and how far their arguments reach, fractions and
 * derivatives, sums, limits. */
#include "text/latex_impl.h"

/* ---- names ----------------------------------------------------------------------------------- */

static const char *greek_command(const char *s)
{
    static const char *const greek[] = {
        "alpha",  "beta",    "gamma", "delta", "epsilon", "zeta",  "eta",   "theta",  "iota", "kappa",
        "lambda", "mu",      "nu",    "xi",    "omicron", "pi",    "rho",   "sigma",  "tau",  "upsilon",
        "phi",    "chi",     "psi",   "omega", "Gamma",   "Delta", "Theta", "Lambda", "Xi",   "Pi",
        "Sigma",  "Upsilon", "Phi",   "Psi",   "Omega",   "ell",   "hbar"};
    static const char *const variant[][2] = {{"varepsilon", "epsilon"},
                                             {"vartheta", "theta"},
                                             {"varphi", "phi"},
                                             {"varrho", "rho"},
                                             {"varsigma", "sigma"}};
    for (size_t i = 0; i < sizeof greek / sizeof *greek; i++)
        if (strcmp(greek[i], s) == 0) return greek[i];
    for (size_t i = 0; i < sizeof variant / sizeof *variant; i++)
        if (strcmp(variant[i][0], s) == 0) return variant[i][1];
    return NULL;
}

bool latex_find_name(latex *x, uint32_t i, uint32_t to, uint32_t *name, uint32_t *after)
{
    if (i >= to) return false;
    const piece *p = piece_at(x, i);
    *after = i + 1;
    *name = p->name;
    if (p->kind == P_LETTER || p->kind == P_WORD) return true;
    if (p->kind != P_COMMAND) return false;
    const char *s = name_text(x->r, p->name), *greek = greek_command(s);
    if (strcmp(s, "infty") == 0) {
        *name = KW_INF;
        return true;
    }
    if (!greek) return false;
    *name = reader_name(x->r, greek, strlen(greek));
    /* \Delta x is one name */
    uint32_t second, behind;
    if (strcmp(greek, "Delta") == 0 && i + 1 < to && piece_at(x, i + 1)->kind != P_WORD &&
        latex_find_name(x, i + 1, i + 2, &second, &behind)) {
        const char *t = name_text(x->r, second);
        const char *joined = reader_text(x->r, "\xCE\x94%s", t);
        *name = reader_name(x->r, joined, strlen(joined));
        *after = i + 2;
    }
    return true;
}

static sym_info *info_of(latex *x, uint32_t name)
{
    const name_entry *n = &x->r->names.at[name];
    term s = term_find_sym(x->r->ctx, n->text, n->length);
    return s ? term_sym_info(x->r->ctx, s) : NULL;
}

static bool is_known_name(latex *x, uint32_t name)
{
    return text_is_known(x->r->ctx, name_text(x->r, name), x->r->names.at[name].length);
}

/* Is the bracket at i the list of formals of a definition that begins the statement: S(x) = ... */
static bool is_left_side(const latex *x, uint32_t i, uint32_t to)
{
    const reader *r = x->r;
    if (r->tokens.n && r->tokens.at[r->tokens.n - 1].kind != TK_SEPARATOR) return false;
    uint32_t mate = piece_at(x, i)->mate;
    if (!mate || !piece_is(x, mate + 1, to, '=')) return false;
    for (uint32_t k = i + 1; k < mate; k++) {
        const piece *p = piece_at(x, k);
        if (p->kind != P_LETTER && p->kind != P_COMMAND && p->kind != P_WORD && !piece_is(x, k, mate, ','))
            return false;
    }
    return true;
}

/* Does `name(` mean a call? A known function, or a letter that usually names one. Elsewhere it is a product.
 */
static bool is_call(latex *x, uint32_t name, uint32_t bracket, uint32_t to)
{
    static const char *const usual[] = {"f", "g",   "h",   "F",   "G",   "H",
                                        "S", "phi", "psi", "Phi", "Psi", "sigma"};
    const sym_info *info = info_of(x, name);
    if (info && info->role == ROLE_FUNCTION) return true;
    if (is_known_name(x, name)) return false;
    if (is_left_side(x, bracket, to)) return true;
    const char *s = name_text(x->r, name);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (strcmp(usual[i], s) == 0) return true;
    return strlen(s) > 1 && !greek_command(s) && (unsigned char)s[0] < 0x80;
}

bool latex_is_bracket(const latex *x, uint32_t i, uint32_t to, uint32_t *open)
{
    *open = i;
    return piece_is(x, i, to, '(') && piece_at(x, i)->mate && piece_at(x, i)->mate < to;
}

typedef struct scripts {
    uint32_t sub_from, sub_to, sup_from, sup_to, primes, after;
    bool sub, sup;
} scripts;

static uint32_t small_number(const latex *x, uint32_t from, uint32_t to)
{
    uint32_t n = 0;
    const piece *p = from < to ? piece_at(x, from) : NULL;
    if (to != from + 1 || p->kind != P_NUMBER || p->past - p->first > 3) return 0;
    for (uint32_t k = p->first; k < p->past; k++) n = n * 10 + (uint32_t)(x->r->s[k] - '0');
    return x->r->s[p->first] == '.' ? 0 : n;
}

/* The order of a derivative written as an exponent: \prime\prime, (3). 0 for other exponents. */
static uint32_t count_primes(const latex *x, uint32_t from, uint32_t to)
{
    uint32_t n = 0;
    while (from + n < to && piece_command(x, from + n, to, "prime")) n++;
    if (n && from + n == to) return n;
    bool number = to == from + 3 && piece_is(x, from, to, '(') && piece_is(x, from + 2, to, ')');
    return number ? small_number(x, from + 1, from + 2) : 0;
}

/* Subscript and primes after a name; an exponent only where it stands before the subscript. */
static bool find_scripts(latex *x, uint32_t i, uint32_t to, scripts *s)
{
    *s = (scripts){.after = i};
    for (;;) {
        uint32_t from, end, next;
        if (piece_is(x, s->after, to, '\'')) {
            s->primes++;
            s->after++;
            continue;
        }
        if (s->after < to && piece_at(x, s->after)->kind == P_SUB && !s->sub) {
            if (!latex_argument(x, s->after + 1, to, &s->sub_from, &s->sub_to, &s->after)) return false;
            s->sub = true;
            continue;
        }
        if (s->after < to && piece_at(x, s->after)->kind == P_SUP && !s->sup) {
            if (!latex_argument(x, s->after + 1, to, &from, &end, &next)) return false;
            uint32_t primes = count_primes(x, from, end);
            if (primes) {
                s->primes += primes;
                s->after = next;
                continue;
            }
            if (!s->sub && next < to && piece_at(x, next)->kind == P_SUB) {
                s->sup = true;
                s->sup_from = from;
                s->sup_to = end;
                s->after = next;
                continue;
            }
        }
        return true;
    }
}

/* Letters and numbers only: x_{ij}, x_{12}. */
static bool is_simple_subscript(const latex *x, uint32_t from, uint32_t to)
{
    for (uint32_t k = from; k < to; k++)
        if (piece_at(x, k)->kind != P_LETTER && piece_at(x, k)->kind != P_NUMBER) return false;
    return to > from;
}

static uint32_t subscripted_name(latex *x, uint32_t base, uint32_t from, uint32_t to)
{
    strbuf b;
    strbuf_init(&b, x->r->ctx);
    strbuf_add(&b, name_text(x->r, base));
    strbuf_addc(&b, '_');
    for (uint32_t k = from; k < to; k++) {
        const piece *p = piece_at(x, k);
        if (p->kind == P_NUMBER) strbuf_addn(&b, x->r->s + p->first, p->past - p->first);
        else strbuf_add(&b, name_text(x->r, p->name));
    }
    uint32_t name = reader_name(x->r, strbuf_str(&b), strlen(strbuf_str(&b)));
    strbuf_clear(&b);
    return name;
}

static bool put_simple_indices(latex *x, uint32_t from, uint32_t to)
{
    for (uint32_t k = from; k < to; k++) {
        const piece *p = piece_at(x, k);
        if (k > from && !latex_put(x, TK_COMMA, 0)) return false;
        x->first = p->first;
        x->past = p->past;
        if (!latex_put(x, p->kind == P_NUMBER ? TK_NUMBER : TK_NAME, p->name)) return false;
    }
    return true;
}

/* x_{ij}: the parser gets the name x_ij and the indices i, j; the elaboration decides. */
static bool put_subscripted(latex *x, uint32_t name, const scripts *s, uint32_t i)
{
    uint32_t first = piece_at(x, i)->first, past = piece_at(x, s->after - 1)->past;
    x->first = first;
    x->past = past;
    if (s->sub_to == s->sub_from + 1 && piece_at(x, s->sub_from)->kind == P_WORD) /* x_{\text{max}} */
        return latex_put(x, TK_NAME, subscripted_name(x, name, s->sub_from, s->sub_to));
    if (!is_simple_subscript(x, s->sub_from, s->sub_to))
        return latex_put(x, TK_NAME, name) && latex_push(x, TK_LBRACKET, 0) &&
               latex_push_range(x, s->sub_from, s->sub_to) && latex_push(x, TK_RBRACKET, 0);
    uint32_t whole = subscripted_name(x, name, s->sub_from, s->sub_to);
    if (is_known_name(x, whole) || (info_of(x, whole) && info_of(x, whole)->role == ROLE_FUNCTION))
        return latex_put(x, TK_NAME, whole);
    return latex_put(x, TK_NAME, name) && latex_put(x, TK_SUBSCRIPT, whole) && latex_put(x, TK_LBRACKET, 0) &&
           put_simple_indices(x, s->sub_from, s->sub_to) && latex_put(x, TK_RBRACKET, 0);
}

/* D_{1,2}(f)(x, y) as D[1,2](f)( */
static bool positional_partial(latex *x, uint32_t name, const scripts *s, uint32_t to, uint32_t *next,
                               bool *is)
{
    uint32_t open = s->after, f, after, mate;
    *is = false;
    if (name != KW_D || !s->sub || !latex_is_bracket(x, open, to, &open)) return true;
    mate = piece_at(x, open)->mate;
    if (!latex_find_name(x, open + 1, mate, &f, &after) || after != mate || !piece_is(x, mate + 1, to, '('))
        return true;
    for (uint32_t k = s->sub_from; k < s->sub_to; k++)
        if (piece_at(x, k)->kind != P_NUMBER && !piece_is(x, k, s->sub_to, ',')) return true;
    *is = true;
    *next = mate + 1;
    bool ok = latex_put(x, TK_NAME, KW_D) && latex_put(x, TK_LBRACKET, 0);
    for (uint32_t k = s->sub_from; ok && k < s->sub_to; k++) {
        x->first = piece_at(x, k)->first;
        x->past = piece_at(x, k)->past;
        ok = latex_put(x, piece_at(x, k)->kind == P_NUMBER ? TK_NUMBER : TK_COMMA, 0);
    }
    ok = ok && latex_put(x, TK_RBRACKET, 0) && latex_put(x, TK_LPAREN, 0) && latex_put(x, TK_NAME, f) &&
         latex_put(x, TK_RPAREN, 0);
    x->have = false;
    return ok;
}

bool latex_name(latex *x, uint32_t i, uint32_t to, uint32_t name, uint32_t after, uint32_t *next)
{
    scripts s;
    uint32_t open;
    bool partial;
    if (!find_scripts(x, after, to, &s) || !latex_begin(x)) return false;
    *next = s.after;
    x->past = piece_at(x, after - 1)->past;
    if (!positional_partial(x, name, &s, to, next, &partial) || partial) return !x->r->failed;
    if (s.primes) {
        bool ok = latex_put(x, TK_NAME, name) && latex_put(x, TK_PRIME, 0);
        x->r->tokens.at[x->r->tokens.n - 1].count = (uint16_t)(s.primes > 1000 ? 1000 : s.primes);
        x->have = !latex_is_bracket(x, s.after, to, &open);
        return ok;
    }
    if (s.sub) {
        if (s.sup && info_of(x, name) && info_of(x, name)->rank == 2 &&
            info_of(x, name)->role != ROLE_FUNCTION)
            return latex_error(x, i, "{A^{...}}_{i,j} or (A_{i,j})^{...}",
                               "the index of %s can belong to the matrix or to its power",
                               name_text(x->r, name));
        if (!put_subscripted(x, name, &s, i)) return false;
        if (s.sup)
            return latex_push(x, TK_POWER, 0) && latex_push(x, TK_LPAREN, 0) &&
                   latex_push_range(x, s.sup_from, s.sup_to) && latex_push(x, TK_RPAREN, 0);
        const token *last = &x->r->tokens.at[x->r->tokens.n - 1];
        if (last->kind == TK_NAME && latex_is_bracket(x, s.after, to, &open) && info_of(x, last->name) &&
            info_of(x, last->name)->role == ROLE_FUNCTION)
            x->have = false;
        return true;
    }
    bool function = info_of(x, name) && info_of(x, name)->role == ROLE_FUNCTION;
    if (function && s.after < to && piece_at(x, s.after)->kind == P_SUP) /* f^2(x) */
        return latex_function(x, i, to, name, after, next);
    if (!latex_put(x, TK_NAME, name)) return false;
    if (latex_is_bracket(x, s.after, to, &open) && is_call(x, name, s.after, to)) x->have = false;
    return true;
}

/* ---- letters --------------------------------------------------------------------------------- */

enum { LONGEST_WORD = 16 };

/* Letters directly behind each other from i on, at most LONGEST_WORD + 1 of them. */
static uint32_t letter_run(const latex *x, uint32_t i, uint32_t to, char *word)
{
    uint32_t n = 0;
    while (i + n < to && n <= LONGEST_WORD) {
        const piece *p = piece_at(x, i + n);
        if (p->kind != P_LETTER || p->past != p->first + 1 || (n && p->spaced)) break;
        word[n++] = x->r->s[p->first];
    }
    word[n] = '\0';
    return n;
}

static bool starts_run(const latex *x, uint32_t i)
{
    const piece *p = piece_at(x, i);
    return i == 0 || p->spaced || piece_at(x, i - 1)->kind != P_LETTER ||
           piece_at(x, i - 1)->past != p->first;
}

/* `slope`: a defined name, or letters multiplied. */
static bool known_word(latex *x, uint32_t i, uint32_t n, const char *word, bool *is)
{
    bool all = true;
    *is = text_is_known(x->r->ctx, word, n);
    for (uint32_t k = 0; k < n; k++) all &= text_is_known(x->r->ctx, word + k, 1);
    if (*is && all)
        return reader_error(
            x->r, piece_at(x, i)->first, piece_at(x, i + n - 1)->past,
            reader_text(x->r, "\\mathrm{%s} for the name, letters with \\cdot for a product", word),
            "`%s` is a name and a product of known letters", word);
    if (!*is && n >= 4)
        reader_note(x->r, piece_at(x, i)->first, piece_at(x, i + n - 1)->past,
                    "`%s` is read as a product of letters; a name is written \\mathrm{%s}", word, word);
    return true;
}

bool latex_letter(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    char word[LONGEST_WORD + 2];
    uint32_t n = letter_run(x, i, to, word);
    int which;
    bool is;
    /* ln(a) set without a backslash */
    if (n >= 2 && n <= LONGEST_WORD && piece_is(x, i + n, to, '(') &&
        (fn_find(word, n) != FN_NONE || notation_find(word, n, &which)))
        return latex_function(x, i, to, reader_name(x->r, word, n), i + n, next);
    if (n >= 2 && n <= LONGEST_WORD && starts_run(x, i)) {
        bool function_ahead = false;
        for (uint32_t k = 1; k + 1 < n && piece_is(x, i + n, to, '('); k++)
            function_ahead |= fn_find(word + k, n - k) != FN_NONE || notation_find(word + k, n - k, &which);
        if (!function_ahead && (!known_word(x, i, n, word, &is) || is))
            return is && !x->r->failed && latex_name(x, i, to, reader_name(x->r, word, n), i + n, next);
    }
    return latex_name(x, i, to, piece_at(x, i)->name, i + 1, next);
}

/* ---- functions ------------------------------------------------------------------------------- */

/* \sin^2: the exponent as tokens that the parser knows after a function's name. */
static bool function_exponent(latex *x, uint32_t i, const scripts *s, const char *name)
{
    uint32_t from = s->sup_from, to = s->sup_to;
    bool minus = piece_is(x, from, to, '-');
    const piece *p = from + minus < to ? piece_at(x, from + minus) : NULL;
    if (!p || to != from + minus + 1 || (p->kind != P_NUMBER && (p->kind != P_LETTER || minus)))
        return latex_error(x, i, reader_text(x->r, "(\\%s(x))^{...}", name),
                           "this exponent of %s cannot be read here", name);
    x->first = p->first;
    x->past = p->past;
    return latex_put(x, TK_POWER, 0) && (!minus || latex_put(x, TK_MINUS, 0)) &&
           latex_put(x, p->kind == P_NUMBER ? TK_NUMBER : TK_NAME, p->name);
}

static uint32_t logarithm(latex *x, const scripts *s, bool *general)
{
    const piece *p = piece_at(x, s->sub_from);
    const char *digits = x->r->s + p->first;
    uint32_t n = s->sub_to == s->sub_from + 1 ? p->past - p->first : 0;
    *general = false;
    if (p->kind == P_NUMBER && n == 1 && *digits == '2') return reader_name(x->r, "log2", 4);
    if (p->kind == P_NUMBER && n == 2 && memcmp(digits, "10", 2) == 0) return reader_name(x->r, "log10", 5);
    if (p->kind == P_LETTER && p->name == KW_E) return reader_name(x->r, "ln", 2);
    *general = true;
    return reader_name(x->r, "log", 3);
}

bool latex_function(latex *x, uint32_t i, uint32_t to, uint32_t name, uint32_t after, uint32_t *next)
{
    scripts s;
    uint32_t open, first = piece_at(x, i)->first;
    bool general = false;
    if (!find_scripts(x, after, to, &s)) return false;
    if (s.sub && name >= KW_SUM && name <= KW_ARRAY) return latex_reducer(x, i, to, name, after, next);
    if (!s.sup && s.after < to && piece_at(x, s.after)->kind == P_SUP) {
        s.sup = true;
        if (!latex_argument(x, s.after + 1, to, &s.sup_from, &s.sup_to, &s.after)) return false;
    }
    if (s.sub && strcmp(name_text(x->r, name), "log") == 0) name = logarithm(x, &s, &general);
    else if (s.sub)
        return latex_error(x, after, NULL, "%s with a subscript cannot be read", name_text(x->r, name));
    x->past = piece_at(x, after - 1)->past;
    if (!latex_begin(x) || !latex_put(x, TK_NAME, name)) return false;
    if (s.primes) {
        bool ok = latex_put(x, TK_PRIME, 0);
        x->r->tokens.at[x->r->tokens.n - 1].count = (uint16_t)s.primes;
        x->have = false;
        *next = s.after;
        return ok;
    }
    if (s.sup && !function_exponent(x, i, &s, name_text(x->r, name))) return false;
    x->have = false;
    *next = s.after;
    x->first = first;
    if (latex_is_bracket(x, s.after, to, &open)) {
        if (!general) return true; /* the walk puts the bracket out */
        uint32_t mate = piece_at(x, open)->mate;
        *next = mate + 1;
        return latex_push(x, TK_LPAREN, 0) && latex_push_range(x, open + 1, mate) &&
               latex_push(x, TK_COMMA, 0) && latex_push_range(x, s.sub_from, s.sub_to) &&
               latex_push(x, TK_RPAREN, 0);
    }
    if (s.after < to && piece_at(x, s.after)->kind == P_OPEN && !general) {
        uint32_t mate = piece_at(x, s.after)->mate;
        *next = mate + 1;
        return latex_push(x, TK_LPAREN, 0) && latex_push_range(x, s.after + 1, mate) &&
               latex_push(x, TK_RPAREN, 0);
    }
    if (s.after >= to) {
        x->have = true;
        return true; /* the parser misses the argument */
    }
    if (!latex_open_scope(x, SCOPE_FUNCTION, first)) return false;
    if (general) {
        x->scopes.at[x->scopes.n - 1].base_from = s.sub_from;
        x->scopes.at[x->scopes.n - 1].base_to = s.sub_to;
    }
    return true;
}

/* ---- fractions and derivatives --------------------------------------------------------------- */

static bool is_d(const latex *x, uint32_t i, uint32_t to, bool *round)
{
    *round = piece_command(x, i, to, "partial");
    return *round || (i < to && piece_at(x, i)->kind == P_LETTER &&
                      strcmp(name_text(x->r, piece_at(x, i)->name), "d") == 0);
}

typedef struct derivative {
    uint32_t order;
    uint32_t rest_from, rest_to; /* what stands above the line after the d */
    uint32_t den_from, den_to;
    bool round;
} derivative;

/* One variable below the line: d name [_{..}] [^n]. Moves *i behind it; false if there is none. */
static bool below_variable(latex *x, const derivative *d, uint32_t *i, uint32_t *name, scripts *s,
                           uint32_t *order)
{
    bool round;
    uint32_t after, from, to, next;
    if (!is_d(x, *i, d->den_to, &round) || round != d->round ||
        !latex_find_name(x, *i + 1, d->den_to, name, &after) || !find_scripts(x, after, d->den_to, s))
        return false;
    *order = 1;
    *i = s->after;
    if (s->primes) return false;
    if (s->sup) *order = small_number(x, s->sup_from, s->sup_to);
    else if (*i < d->den_to && piece_at(x, *i)->kind == P_SUP) {
        if (!latex_argument(x, *i + 1, d->den_to, &from, &to, &next)) return false;
        *order = small_number(x, from, to);
        *i = next;
    }
    return *order > 0;
}

static bool find_derivative(latex *x, uint32_t num_from, uint32_t num_to, uint32_t den_from, uint32_t den_to,
                            derivative *d)
{
    uint32_t from, to, next, name, order;
    scripts s;
    *d = (derivative){.order = 1, .den_from = den_from, .den_to = den_to};
    if (!is_d(x, num_from, num_to, &d->round) || (!d->round && text_is_known(x->r->ctx, "d", 1)))
        return false;
    next = num_from + 1;
    if (next < num_to && piece_at(x, next)->kind == P_SUP) {
        if (!latex_argument(x, next + 1, num_to, &from, &to, &next)) return false;
        d->order = small_number(x, from, to);
    }
    d->rest_from = next;
    d->rest_to = num_to;
    uint32_t i = den_from;
    while (i < den_to)
        if (!below_variable(x, d, &i, &name, &s, &order)) return false;
    return d->order > 0 && den_from < den_to;
}

static bool put_variables(latex *x, const derivative *d)
{
    uint32_t i = d->den_from, name, order;
    scripts s;
    bool indexed = false;
    while (i < d->den_to) {
        uint32_t first = piece_at(x, i)->first;
        if (!below_variable(x, d, &i, &name, &s, &order)) return false;
        x->first = first;
        x->past = piece_at(x, i - 1)->past;
        bool words = s.sub && s.sub_to == s.sub_from + 1 && piece_at(x, s.sub_from)->kind == P_WORD;
        if (words) name = subscripted_name(x, name, s.sub_from, s.sub_to);
        if (indexed) { /* after an index the parser wants a name that begins with d */
            const char *dx = reader_text(x->r, "d%s", name_text(x->r, name));
            if (!latex_put(x, TK_NAME, reader_name(x->r, dx, strlen(dx)))) return false;
        } else {
            if (!latex_put(x, TK_VARIABLE, name)) return false;
            x->r->tokens.at[x->r->tokens.n - 1].count = (uint16_t)order;
        }
        if (!s.sub || words) {
            if (indexed && order > 1)
                return latex_error(x, i - 1, "write the derivatives one after the other",
                                   "this mix of variables cannot be read");
            continue;
        }
        if (!latex_put(x, TK_LBRACKET, 0)) return false;
        for (uint32_t k = s.sub_from; k < s.sub_to; k++) {
            const piece *p = piece_at(x, k);
            bool comma = piece_is(x, k, s.sub_to, ',');
            bool simple = p->kind == P_LETTER || p->kind == P_NUMBER;
            if (!comma && !simple)
                return latex_error(x, k, NULL,
                                   "an index of a variable below a derivative must be a letter or a number");
            if (simple && k > s.sub_from && !piece_is(x, k - 1, s.sub_to, ',') && !latex_put(x, TK_COMMA, 0))
                return false;
            if (!latex_put(x, comma ? TK_COMMA : p->kind == P_NUMBER ? TK_NUMBER : TK_NAME, p->name))
                return false;
            x->r->tokens.at[x->r->tokens.n - 1].first = p->first;
            x->r->tokens.at[x->r->tokens.n - 1].past = p->past;
        }
        if (!latex_put(x, TK_RBRACKET, 0)) return false;
        if (order > 1 &&
            !(latex_put(x, TK_POWER, 0) &&
              latex_put(x, TK_NUMBER,
                        reader_name(x->r, reader_text(x->r, "%u", (unsigned)order), order > 9 ? 2 : 1))))
            return false;
        indexed = true;
    }
    return true;
}

/* d/dx in front of its body: a bracket with its exponents, or all up to the next + or -. */
static bool derivative_body(latex *x, uint32_t after, uint32_t to, uint32_t first, uint32_t *next)
{
    uint32_t open;
    x->have = false;
    if (!latex_is_bracket(x, after, to, &open)) return latex_open_scope(x, SCOPE_DERIVATIVE, first);
    uint32_t end = piece_at(x, open)->mate + 1, from, stop, n;
    while (end < to && (piece_at(x, end)->kind == P_SUP || piece_at(x, end)->kind == P_SUB)) {
        if (!latex_argument(x, end + 1, to, &from, &stop, &n)) return false;
        end = n;
    }
    *next = end;
    return latex_push(x, TK_LPAREN, 0) && latex_push_range(x, open, end) && latex_push(x, TK_RPAREN, 0);
}

static bool put_derivative(latex *x, const derivative *d, uint32_t i, uint32_t after, uint32_t to,
                           uint32_t *next)
{
    uint32_t name = 0, behind, first = piece_at(x, i)->first;
    bool named = d->rest_from < d->rest_to && latex_find_name(x, d->rest_from, d->rest_to, &name, &behind) &&
                 behind == d->rest_to;
    if (!latex_begin(x)) return false;
    x->past = piece_at(x, after - 1)->past;
    if (!latex_put(x, TK_DERIVATIVE, named ? name : 0)) return false;
    token *t = &x->r->tokens.at[x->r->tokens.n - 1];
    t->count = (uint16_t)d->order;
    t->flags |= d->round ? TOKEN_ROUND : 0;
    if (!put_variables(x, d)) return false;
    *next = after;
    x->have = true;
    if (named) return true;
    if (d->rest_from < d->rest_to)
        return latex_push(x, TK_LPAREN, 0) && latex_push_range(x, d->rest_from, d->rest_to) &&
               latex_push(x, TK_RPAREN, 0);
    x->first = first;
    return derivative_body(x, after, to, first, next);
}

bool latex_fraction(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    uint32_t a, b, c, d, after;
    derivative deriv;
    if (!latex_argument(x, i + 1, to, &a, &b, &after) || !latex_argument(x, after, to, &c, &d, &after))
        return false;
    if (find_derivative(x, a, b, c, d, &deriv)) return put_derivative(x, &deriv, i, after, to, next);
    if (x->r->failed) return false;
    *next = after;
    return latex_begin(x) && latex_push(x, TK_LPAREN, 0) && latex_push(x, TK_LPAREN, 0) &&
           latex_push_range(x, a, b) && latex_push(x, TK_RPAREN, 0) && latex_push(x, TK_DIVIDE, 0) &&
           latex_push(x, TK_LPAREN, 0) && latex_push_range(x, c, d) && latex_push(x, TK_RPAREN, 0) &&
           latex_push(x, TK_RPAREN, 0);
}

static bool root(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    uint32_t from, end, open = i + 1, n_from = 0, n_to = 0;
    if (piece_is(x, open, to, '[') && piece_at(x, open)->mate) {
        n_from = open + 1;
        n_to = piece_at(x, open)->mate;
        open = n_to + 1;
    }
    if (!latex_argument(x, open, to, &from, &end, next) || !latex_begin(x)) return false;
    uint32_t n = n_to ? small_number(x, n_from, n_to) : 2;
    if (n == 2 || n == 3) {
        const char *f = n == 2 ? "sqrt" : "cbrt";
        return latex_put(x, TK_NAME, reader_name(x->r, f, 4)) && latex_push(x, TK_LPAREN, 0) &&
               latex_push_range(x, from, end) && latex_push(x, TK_RPAREN, 0);
    }
    return latex_push(x, TK_LPAREN, 0) && latex_push_range(x, from, end) && latex_push(x, TK_RPAREN, 0) &&
           latex_push(x, TK_POWER, 0) && latex_push(x, TK_LPAREN, 0) &&
           latex_push(x, TK_NUMBER, reader_name(x->r, "1", 1)) && latex_push(x, TK_DIVIDE, 0) &&
           latex_push(x, TK_LPAREN, 0) && latex_push_range(x, n_from, n_to) && latex_push(x, TK_RPAREN, 0) &&
           latex_push(x, TK_RPAREN, 0);
}

/* ---- sums and limits ------------------------------------------------------------------------- */

/* The next comma (or end) of a list at bracket depth 0. */
static uint32_t item_end(const latex *x, uint32_t i, uint32_t to)
{
    while (i < to && !piece_is(x, i, to, ',')) {
        const piece *p = piece_at(x, i);
        bool opens = (p->kind == P_OPEN || (p->kind == P_CHAR && (p->c == '(' || p->c == '['))) && p->mate;
        i = opens ? p->mate + 1 : i + 1;
    }
    return i;
}

static bool range_dots(const latex *x, uint32_t i, uint32_t to, uint32_t *after)
{
    if (piece_command(x, i, to, "ldots") || piece_command(x, i, to, "dots")) {
        *after = i + 1;
        return true;
    }
    *after = i + 2;
    return piece_is(x, i, to, '.') && piece_is(x, i + 1, to, '.');
}

/* One binder i, i=1, i=1..n; the upper end is the superscript unless dots say it. */
static bool push_binder(latex *x, uint32_t from, uint32_t to, const scripts *s, uint32_t share_from,
                        uint32_t share_to)
{
    uint32_t name, after, dots, behind;
    if (!latex_find_name(x, from, to, &name, &after) || (after < to && !piece_is(x, after, to, '=')))
        return latex_error(x, from, "\\sum_{i=1}^{n}", "the name of an index should stand here");
    x->first = piece_at(x, from)->first;
    x->past = piece_at(x, after - 1)->past;
    if (!latex_push(x, TK_NAME, name)) return false;
    uint32_t lo_from = after < to ? after + 1 : share_from, lo_to = after < to ? to : share_to;
    if (lo_from >= lo_to) return true;
    for (dots = lo_from; dots < lo_to; dots++)
        if (range_dots(x, dots, lo_to, &behind)) break;
    uint32_t hi_from = dots < lo_to ? behind : s->sup_from, hi_to = dots < lo_to ? lo_to : s->sup_to;
    if (hi_from >= hi_to)
        return latex_error(x, from, "\\sum_{i=1}^{n}", "the upper end of the range is missing");
    return latex_push(x, TK_EQUALS, 0) && latex_push_range(x, lo_from, dots) && latex_push(x, TK_RANGE, 0) &&
           latex_push_range(x, hi_from, hi_to);
}

static bool push_binders(latex *x, const scripts *s)
{
    uint32_t i = s->sub_from, share_from = 0, share_to = 0;
    /* \sum_{i,j=1}^{n}: both from 1 to n */
    for (uint32_t k = s->sub_from; s->sup && k < s->sub_to; k++)
        if (piece_is(x, k, s->sub_to, '=')) {
            share_from = k + 1;
            share_to = item_end(x, k, s->sub_to);
            if (share_to < s->sub_to) share_from = share_to = 0;
            break;
        }
    for (;;) {
        uint32_t end = item_end(x, i, s->sub_to);
        if (!push_binder(x, i, end, s, share_from, share_to)) return false;
        if (end >= s->sub_to) return true;
        if (!latex_push(x, TK_COMMA, 0)) return false;
        i = end + 1;
    }
}

bool latex_reducer(latex *x, uint32_t i, uint32_t to, uint32_t name, uint32_t after, uint32_t *next)
{
    scripts s;
    uint32_t open, first = piece_at(x, i)->first;
    if (!find_scripts(x, after, to, &s)) return false;
    if (!s.sup && s.after < to && piece_at(x, s.after)->kind == P_SUP) {
        s.sup = true;
        if (!latex_argument(x, s.after + 1, to, &s.sup_from, &s.sup_to, &s.after)) return false;
    }
    if (!s.sub)
        return latex_error(x, i, "\\sum_{i=1}^{n}", "over which index? %s has no subscript",
                           name_text(x->r, name));
    if (!latex_begin(x) || !latex_put(x, TK_NAME, name) || !latex_put(x, TK_LBRACKET, 0) ||
        !push_binders(x, &s))
        return false;
    x->first = first;
    x->past = piece_at(x, s.after - 1)->past;
    *next = s.after;
    if (!latex_push(x, TK_RBRACKET, 0)) return false;
    /* max, mean, ... of a bracket reach no further than it; sums and products take the whole product. */
    bool bracket = name != KW_SUM && name != KW_PROD && latex_is_bracket(x, s.after, to, &open);
    if (bracket) {
        *next = piece_at(x, open)->mate + 1;
        return latex_push(x, TK_LPAREN, 0) && latex_push_range(x, open + 1, *next - 1) &&
               latex_push(x, TK_RPAREN, 0);
    }
    return vec_push(x->r->ctx, &x->later,
                    ((latex_work){.kind = WORK_OPEN_SCOPE, .from = x->first, .to = x->past}));
}

/* \lim_{x \to 0^{+}} */
bool latex_limit(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    scripts s;
    uint32_t name, after, side = 0, first = piece_at(x, i)->first;
    if (!find_scripts(x, i + 1, to, &s)) return false;
    if (!s.sub || !latex_find_name(x, s.sub_from, s.sub_to, &name, &after) ||
        !(piece_command(x, after, s.sub_to, "to") || piece_command(x, after, s.sub_to, "rightarrow")))
        return latex_error(x, i, "\\lim_{x \\to 0}", "a limit needs its variable and target below it");
    uint32_t from = after + 1, end = s.sub_to, sf, st, sn;
    for (uint32_t k = from; k < end; k++)
        if (piece_at(x, k)->kind == P_SUP && latex_argument(x, k + 1, end, &sf, &st, &sn) && sn == end &&
            st == sf + 1 && (piece_is(x, sf, st, '+') || piece_is(x, sf, st, '-'))) {
            side = piece_is(x, sf, st, '+') ? TK_PLUS : TK_MINUS;
            end = k;
        }
    if (from >= end) return latex_error(x, i, "\\lim_{x \\to 0}", "the target of the limit is missing");
    if (!latex_begin(x) || !latex_put(x, TK_NAME, KW_LIM) || !latex_put(x, TK_LBRACKET, 0) ||
        !latex_put(x, TK_NAME, name) || !latex_put(x, TK_ARROW, 0))
        return false;
    x->first = first;
    x->past = piece_at(x, s.after - 1)->past;
    *next = s.after;
    return latex_push_range(x, from, end) && (!side || latex_push(x, (token_kind)side, 0)) &&
           latex_push(x, TK_RBRACKET, 0) &&
           vec_push(x->r->ctx, &x->later,
                    ((latex_work){.kind = WORK_OPEN_SCOPE, .from = x->first, .to = x->past}));
}

/* ---- commands -------------------------------------------------------------------------------- */

/* \nabla f: grad of the next factor. */
static bool nabla(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    uint32_t from = i + 1, end, name, after, open;
    scripts s;
    if (from < to && piece_at(x, from)->kind == P_SUP)
        return latex_error(x, from, "hess(f)", "a power of \\nabla cannot be read");
    if (latex_is_bracket(x, from, to, &open)) end = piece_at(x, open)->mate + 1;
    else if (latex_find_name(x, from, to, &name, &after)) {
        if (!find_scripts(x, after, to, &s)) return false;
        end = s.after;
        if (latex_is_bracket(x, end, to, &open) && is_call(x, name, end, to))
            end = piece_at(x, open)->mate + 1;
    } else return latex_error(x, i, "\\nabla f", "what is the gradient of?");
    *next = end;
    return latex_begin(x) && latex_put(x, TK_NAME, KW_GRAD) && latex_push(x, TK_LPAREN, 0) &&
           latex_push_range(x, from, end) && latex_push(x, TK_RPAREN, 0);
}

/* The function whose LaTeX is \s. */
static uint32_t function_of_command(latex *x, const char *s)
{
    for (int f = FN_NONE + 1; f < FN_COUNT; f++) {
        const char *command = fn_get((fn_id)f)->latex;
        if (command && command[0] == '\\' && strcmp(command + 1, s) == 0)
            return reader_name(x->r, fn_get((fn_id)f)->name, strlen(fn_get((fn_id)f)->name));
    }
    int which;
    if (fn_find(s, strlen(s)) != FN_NONE || notation_find(s, strlen(s), &which))
        return reader_name(x->r, s, strlen(s));
    return 0;
}

/* \Gamma(x), \zeta(s), \psi(x) name functions when a bracket follows and the letter is nothing else. */
static bool greek_function(latex *x, uint32_t i, uint32_t to, uint32_t *name)
{
    const char *s = name_text(x->r, piece_at(x, i)->name);
    uint32_t at = i + 1, from, end, next;
    if (at < to && piece_at(x, at)->kind == P_SUP && at + 1 < to && piece_at(x, at + 1)->kind != P_SUP &&
        latex_argument(x, at + 1, to, &from, &end, &next))
        at = next; /* \Gamma^{2}(x) */
    if (!piece_is(x, at, to, '(') || text_is_known(x->r->ctx, s, strlen(s))) return false;
    *name = strcmp(s, "Gamma") == 0 || strcmp(s, "zeta") == 0 || strcmp(s, "psi") == 0
                ? function_of_command(x, s)
                : 0;
    return *name != 0;
}

bool latex_command(latex *x, uint32_t i, uint32_t to, uint32_t *next)
{
    const char *s = name_text(x->r, piece_at(x, i)->name);
    uint32_t name, after;
    bool is;
    if (strcmp(s, "frac") == 0 || strcmp(s, "dfrac") == 0 || strcmp(s, "tfrac") == 0 ||
        strcmp(s, "cfrac") == 0)
        return latex_fraction(x, i, to, next);
    if (strcmp(s, "sqrt") == 0) return root(x, i, to, next);
    if (strcmp(s, "sum") == 0 || strcmp(s, "prod") == 0)
        return latex_reducer(x, i, to, s[0] == 's' ? KW_SUM : KW_PROD, i + 1, next);
    if (strcmp(s, "lim") == 0) return latex_limit(x, i, to, next);
    if (strcmp(s, "nabla") == 0) return nabla(x, i, to, next);
    if (strcmp(s, "arg") == 0 && (piece_command(x, i + 1, to, "max") || piece_command(x, i + 1, to, "min")))
        return latex_function(x, i, to, piece_command(x, i + 1, to, "max") ? KW_ARGMAX : KW_ARGMIN, i + 2,
                              next);
    if (greek_function(x, i, to, &name)) return latex_function(x, i, to, name, i + 1, next);
    if (latex_find_name(x, i, to, &name, &after)) return latex_name(x, i, to, name, after, next);
    if (!latex_sign(x, s, &is) || is) return !x->r->failed;
    if ((name = function_of_command(x, s)) != 0) return latex_function(x, i, to, name, i + 1, next);
    if (strstr(s, "int") && s[0] == 'i')
        return reader_error_as(x->r, GRADUS_UNABLE, x->first, x->past, NULL, "integrals are not read");
    return latex_error(x, i, strcmp(s, "partial") == 0 ? "\\frac{\\partial}{\\partial x}" : NULL,
                       "the command \\%s is not read here", s);
}
