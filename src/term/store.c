/* store: where nodes live, how they are found again, and how the newest are forgotten. */
#include "term/term_impl.h"

#include <stdlib.h>

static void store_free(gradus_ctx *ctx, void *state);

bool term_room_init(gradus_ctx *ctx)
{
    if (store_of(ctx))
        return true;
    term_store *s = ctx_realloc(ctx, NULL, 0, sizeof *s);
    if (!s)
        return false;
    memset(s, 0, sizeof *s);
    arena_init(&s->mem, ctx);
    s->count = 1;
    ctx->room_state[SLOT_TERM] = s;
    ctx->room_free[SLOT_TERM] = store_free;
    return true;
}

static void clear_numbers(term_store *s, uint32_t from)
{
    for (uint32_t t = from; t < s->count; t++) {
        node *n = node_at(s, t);
        if (n->op == OP_NUM)
            fmpq_clear(n->u.num);
    }
}

static void store_free(gradus_ctx *ctx, void *state)
{
    term_store *s = state;
    clear_numbers(s, 1);
    for (size_t i = 0; i < s->chunk_cap; i++)
        ctx_realloc(ctx, s->chunk[i], s->chunk[i] ? CHUNK_SIZE * sizeof(node) : 0, 0);
    ctx_realloc(ctx, s->chunk, s->chunk_cap * sizeof *s->chunk, 0);
    ctx_realloc(ctx, s->slot, s->slot_cap * sizeof *s->slot, 0);
    ctx_realloc(ctx, s->sym_slot, s->sym_slot_cap * sizeof *s->sym_slot, 0);
    vec_clear(ctx, &s->symbols);
    vec_clear(ctx, &s->marks);
    vec_clear(ctx, &s->canon_journal);
    vec_clear(ctx, &s->hooks);
    vec_clear(ctx, &s->lost);
    arena_clear(&s->mem);
    ctx_realloc(ctx, s, sizeof *s, 0);
}

/* ---- the table ------------------------------------------------------------------------------------ */

static bool grow_slots(gradus_ctx *ctx, term_store *s)
{
    size_t cap = s->slot_cap ? s->slot_cap * 2 : 4096;
    uint64_t *slot = ctx_realloc(ctx, NULL, 0, cap * sizeof *slot);
    if (!slot)
        return false;
    memset(slot, 0, cap * sizeof *slot);
    /* Oldest first, so that removing newest first stays sound. */
    for (uint32_t t = 1; t < s->count; t++) {
        uint32_t hash = node_at(s, t)->hash;
        size_t i = hash & (cap - 1);
        while (slot[i])
            i = (i + 1) & (cap - 1);
        slot[i] = (uint64_t)hash << 32 | t;
    }
    ctx_realloc(ctx, s->slot, s->slot_cap * sizeof *s->slot, 0);
    s->slot = slot;
    s->slot_cap = cap;
    return true;
}

static node *new_node(gradus_ctx *ctx, term_store *s)
{
    uint64_t limit = ctx->limits.nodes ? ctx->limits.nodes : 50000000u;
    if (s->count >= limit || s->count == UINT32_MAX) {
        ctx_fail(ctx, GRADUS_LIMIT);
        return NULL;
    }
    if (!ctx_tick(ctx))
        return NULL;
    size_t c = s->count >> CHUNK_BITS;
    if (c >= s->chunk_cap) {
        size_t cap = s->chunk_cap ? s->chunk_cap * 2 : 16;
        node **chunk = ctx_realloc(ctx, s->chunk, s->chunk_cap * sizeof *chunk, cap * sizeof *chunk);
        if (!chunk)
            return NULL;
        memset(chunk + s->chunk_cap, 0, (cap - s->chunk_cap) * sizeof *chunk);
        s->chunk = chunk;
        s->chunk_cap = cap;
    }
    if (!s->chunk[c]) {
        s->chunk[c] = ctx_realloc(ctx, NULL, 0, CHUNK_SIZE * sizeof(node));
        if (!s->chunk[c])
            return NULL;
    }
    if ((s->slot_used + 1) * 2 > s->slot_cap && !grow_slots(ctx, s))
        return NULL;
    node *n = node_at(s, s->count);
    memset(n, 0, sizeof *n);
    return n;
}

static term enter(term_store *s, node *n)
{
    size_t i = n->hash & (s->slot_cap - 1);
    while (s->slot[i])
        i = (i + 1) & (s->slot_cap - 1);
    s->slot[i] = (uint64_t)n->hash << 32 | s->count;
    s->slot_used++;
    return s->count++;
}

/* ---- equality ---------------------------------------------------------------------------------------- */

bool term_op_commutes(const term_store *s, term_op op, uint32_t aux)
{
    (void)s;
    switch (op) {
    case OP_ADD: case OP_MUL: case OP_AND: case OP_OR: return true;
    case OP_FN: return (fn_get((fn_id)aux)->flags & FN_COMMUTES) != 0;
    case OP_REL: return aux == REL_EQ || aux == REL_NE;
    default: return false;
    }
}

/* ADD and MUL compare pairs (after the leading constant of ADD), others single arguments. */
static uint32_t entry_width(term_op op) { return op == OP_ADD || op == OP_MUL ? 2 : 1; }

static uint64_t entry_at(const term *a, uint32_t width, uint32_t i)
{
    return width == 2 ? (uint64_t)a[2 * i] << 32 | a[2 * i + 1] : a[i];
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static bool each_occurs(const term *a, const term *b, uint32_t width, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t e = entry_at(a, width, i);
        uint32_t k = 0;
        while (k < n && entry_at(b, width, k) != e)
            k++;
        if (k == n)
            return false;
    }
    return true;
}

static bool equal_multisets(gradus_ctx *ctx, const term *a, const term *b, uint32_t width, uint32_t n)
{
    if (n <= 8) /* entries of sums, products and connectives are distinct; functions have two: f(a, a) */
        return each_occurs(a, b, width, n) && (width == 2 || each_occurs(b, a, width, n));
    uint64_t small[64], *x = small;
    size_t bytes = 2 * (size_t)n * sizeof *x;
    if (n > 32 && !(x = ctx_realloc(ctx, NULL, 0, bytes)))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        x[i] = entry_at(a, width, i);
        x[n + i] = entry_at(b, width, i);
    }
    qsort(x, n, sizeof *x, compare_u64);
    qsort(x + n, n, sizeof *x, compare_u64);
    bool same = memcmp(x, x + n, n * sizeof *x) == 0;
    if (x != small)
        ctx_realloc(ctx, x, bytes, 0);
    return same;
}

/* aux of ADD says where its constant is displayed: not part of identity. */
static bool same_node(gradus_ctx *ctx, const node *n, term_op op, uint32_t aux, unsigned raw, const term *args,
                      uint32_t argc, bool commutes)
{
    if (n->op != op || n->argc != argc || (n->flags & TF_RAW) != raw)
        return false;
    if (n->aux != aux && (op != OP_ADD || raw))
        return false;
    if (argc == 0 || memcmp(n->u.args, args, argc * sizeof *args) == 0)
        return true;
    if (!commutes)
        return false;
    uint32_t head = op == OP_ADD, width = entry_width(op);
    if (head && n->u.args[0] != args[0])
        return false;
    return equal_multisets(ctx, n->u.args + head, args + head, width, (argc - head) / width);
}

static uint32_t node_hash(const term_store *s, term_op op, uint32_t aux, unsigned raw, const term *args, uint32_t argc,
                          bool commutes)
{
    uint64_t h = hash_mix(op * 131u + raw, op == OP_ADD ? 0 : aux);
    if (!commutes) {
        for (uint32_t i = 0; i < argc; i++)
            h = hash_mix(h, node_at(s, args[i])->hash);
        return (uint32_t)(h ^ h >> 32);
    }
    uint32_t head = op == OP_ADD, width = entry_width(op);
    uint64_t sum = 0;
    for (uint32_t i = head; i < argc; i += width) {
        uint64_t e = node_at(s, args[i])->hash;
        if (width == 2)
            e = hash_mix(e, node_at(s, args[i + 1])->hash);
        sum += hash_mix(0x51ed270b, e);
    }
    if (head)
        h = hash_mix(h, node_at(s, args[0])->hash);
    h = hash_mix(h, sum);
    return (uint32_t)(h ^ h >> 32);
}

/* ---- interning ------------------------------------------------------------------------------------------ */

/* Levels that a node's bits tell apart; deeper nests are refused (term_intern). */
enum { LEVELS = 32 };

static uint32_t level_bit(uint32_t level) { return 1u << level; }

static void derive_facts(const term_store *s, node *n, unsigned raw)
{
    uint64_t size = 1;
    unsigned flags = raw;
    const unsigned inherited = TF_RAW | TF_DERIV | TF_BINDER | TF_DEFINED;
    for (uint32_t i = 0; i < n->argc; i++) {
        const node *a = node_at(s, n->u.args[i]);
        size += a->size;
        flags |= a->flags & inherited;
        n->syms |= a->syms;
        n->dangling |= a->dangling;
        if (a->level > n->level)
            n->level = a->level;
    }
    switch (n->op) {
    case OP_DERIV: case OP_LIMIT: flags |= TF_DERIV; break;
    case OP_REL: case OP_AND: case OP_OR: case OP_NOT: case OP_BOOL: flags |= TF_COND; break;
    case OP_CALL: flags |= TF_DEFINED; break;
    case OP_BOUND: n->dangling = level_bit(n->aux); break;
    case OP_REDUCE: case OP_ARRAY: {
        flags |= TF_BINDER;
        uint32_t step = n->op == OP_REDUCE ? 1 : 3, rank = n->op == OP_REDUCE ? 1 : (n->argc - 1) / 3;
        for (uint32_t k = 0; k < rank; k++) {
            uint32_t level = node_at(s, n->u.args[k * step])->aux;
            n->dangling &= ~level_bit(level);
            if (level > n->level)
                n->level = level;
        }
        break;
    }
    default: break;
    }
    n->size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
    if (n->dangling)
        flags |= TF_DANGLING;
    else if (!n->syms && !(flags & TF_COND))
        flags |= TF_NUMERIC;
    n->flags = (uint16_t)flags;
}

term term_intern(gradus_ctx *ctx, term_op op, uint32_t aux, unsigned flags, const term *args, uint32_t argc,
                 const term *names, uint32_t n_names)
{
    term_store *s = store_of(ctx);
    for (uint32_t i = 0; i < argc; i++)
        if (args[i] == TERM_NONE)
            return TERM_NONE;
    unsigned raw = flags & TF_RAW;
    for (uint32_t i = 0; i < argc; i++)
        raw |= node_at(s, args[i])->flags & TF_RAW;
    bool commutes = !raw && term_op_commutes(s, op, aux);
    uint32_t hash = node_hash(s, op, aux, raw, args, argc, commutes);
    if (s->slot_cap)
        for (size_t i = hash & (s->slot_cap - 1); s->slot[i]; i = (i + 1) & (s->slot_cap - 1))
            if (s->slot[i] >> 32 == hash &&
                same_node(ctx, node_at(s, (term)s->slot[i]), op, aux, raw, args, argc, commutes))
                return (term)s->slot[i];
    if (op == OP_BOUND && aux >= LEVELS) {
        diag_error(ctx, GRADUS_LIMIT, SPAN_NONE, NULL, "sums and arrays nest at most %d deep", LEVELS - 1);
        return TERM_NONE;
    }
    node *n = new_node(ctx, s);
    if (!n)
        return TERM_NONE;
    if (argc + n_names) {
        term *copy = arena_alloc(&s->mem, (argc + n_names) * sizeof *copy);
        if (!copy)
            return TERM_NONE;
        memcpy(copy, args, argc * sizeof *copy);
        if (n_names)
            memcpy(copy + argc, names, n_names * sizeof *copy);
        n->u.args = copy;
    }
    n->op = (uint8_t)op;
    n->aux = aux;
    n->argc = argc;
    n->hash = hash;
    derive_facts(s, n, raw);
    return enter(s, n);
}

term term_intern_num(gradus_ctx *ctx, const fmpq_t q)
{
    term_store *s = store_of(ctx);
    uint64_t h64 = hash_mix(OP_NUM, num_fmpq_hash(q));
    uint32_t hash = (uint32_t)(h64 ^ h64 >> 32);
    if (s->slot_cap)
        for (size_t i = hash & (s->slot_cap - 1); s->slot[i]; i = (i + 1) & (s->slot_cap - 1)) {
            const node *n = s->slot[i] >> 32 == hash ? node_at(s, (term)s->slot[i]) : NULL;
            if (n && n->op == OP_NUM && fmpq_equal(n->u.num, q))
                return (term)s->slot[i];
        }
    node *n = new_node(ctx, s);
    fmpq *copy = n ? arena_alloc(&s->mem, sizeof *copy) : NULL;
    if (!copy)
        return TERM_NONE;
    fmpq_init(copy);
    fmpq_set(copy, q);
    n->u.num = copy;
    n->op = OP_NUM;
    n->hash = hash;
    n->size = 1;
    n->flags = TF_NUMERIC;
    return enter(s, n);
}

/* ---- marks -------------------------------------------------------------------------------------------------- */

term_mark term_get_mark(gradus_ctx *ctx)
{
    term_store *s = store_of(ctx);
    mark_record m = {.nodes = s->count, .symbols = (uint32_t)s->symbols.n, .journal = s->canon_journal.n};
    sym_info *infos = NULL;
    if (m.symbols && !(infos = arena_alloc(&s->mem, m.symbols * sizeof *infos)))
        return (term_mark){0}; /* a mark that could not restore names is none */
    for (uint32_t i = 0; infos && i < m.symbols; i++)
        infos[i] = s->symbols.at[i]->info;
    m.infos = infos;
    m.mem = arena_get_mark(&s->mem);
    if (!vec_push(ctx, &s->marks, m))
        return (term_mark){0};
    return (term_mark){(uint32_t)s->marks.n};
}

static void forget_nodes(term_store *s, uint32_t from)
{
    clear_numbers(s, from);
    for (uint32_t t = s->count; t-- > from;) {
        size_t i = node_at(s, t)->hash & (s->slot_cap - 1);
        while ((term)s->slot[i] != t)
            i = (i + 1) & (s->slot_cap - 1);
        s->slot[i] = 0;
        s->slot_used--;
    }
    s->count = from;
    for (size_t i = 0; i < sizeof s->small / sizeof s->small[0]; i++)
        if (s->small[i] >= from)
            s->small[i] = TERM_NONE;
    for (size_t i = 0; i < 3; i++)
        if (s->constant[i] >= from)
            s->constant[i] = TERM_NONE;
    for (size_t i = 0; i < 2; i++)
        if (s->truth[i] >= from)
            s->truth[i] = TERM_NONE;
    if (s->undefined >= from)
        s->undefined = TERM_NONE;
}

static void forget_symbols(term_store *s, uint32_t from)
{
    for (uint32_t i = (uint32_t)s->symbols.n; i-- > from;) {
        const symbol *y = s->symbols.at[i];
        if (!y->fresh) {
            size_t k = y->hash & (s->sym_slot_cap - 1);
            while (s->sym_slot[k] != i + 1)
                k = (k + 1) & (s->sym_slot_cap - 1);
            s->sym_slot[k] = 0;
        }
        if (y->bit < SYM_BIT_INDEX && y->bit < s->next_bit)
            s->next_bit = y->bit;
    }
    s->symbols.n = from;
}

void term_rewind(gradus_ctx *ctx, term_mark mark)
{
    term_store *s = store_of(ctx);
    if (mark.id == 0 || mark.id > s->marks.n)
        return;
    const mark_record m = s->marks.at[mark.id - 1];
    for (size_t i = m.journal; i < s->canon_journal.n; i++)
        if (s->canon_journal.at[i] < m.nodes)
            node_at(s, s->canon_journal.at[i])->canon = TERM_NONE;
    s->canon_journal.n = m.journal;
    forget_nodes(s, m.nodes);
    forget_symbols(s, m.symbols);
    s->defined = 0;
    for (uint32_t i = 0; m.infos && i < m.symbols; i++) {
        s->symbols.at[i]->info = m.infos[i];
        if (m.infos[i].rule_count)
            s->defined |= (uint64_t)1 << s->symbols.at[i]->bit;
    }
    arena_rewind(&s->mem, m.mem);
    s->lost.n = 0;
    s->recording = false;
    s->marks.n = mark.id - 1;
    for (size_t i = 0; i < s->hooks.n; i++)
        s->hooks.at[i].fn(ctx, s->hooks.at[i].user, m.nodes);
}

void term_drop_mark(gradus_ctx *ctx, term_mark mark)
{
    term_store *s = store_of(ctx);
    if (mark.id && mark.id <= s->marks.n)
        s->marks.n = mark.id - 1;
}

bool term_on_rewind(gradus_ctx *ctx, void (*fn)(gradus_ctx *, void *, uint32_t), void *user)
{
    return vec_push(ctx, &store_of(ctx)->hooks, ((rewind_hook){fn, user}));
}

uint32_t term_count(const gradus_ctx *ctx) { return store_of(ctx)->count; }

/* ---- what constructors gave up ------------------------------------------------------------------------------ */

void term_record_start(gradus_ctx *ctx)
{
    store_of(ctx)->lost.n = 0;
    store_of(ctx)->recording = true;
}

const term_lost *term_record_stop(gradus_ctx *ctx, size_t *n)
{
    term_store *s = store_of(ctx);
    s->recording = false;
    *n = s->lost.n;
    return s->lost.at;
}

void term_lose(gradus_ctx *ctx, lost_kind kind, term what)
{
    term_store *s = store_of(ctx);
    if (!s->recording)
        return;
    for (size_t i = s->lost.n; i-- > 0 && s->lost.n - i < 64;)
        if (s->lost.at[i].kind == kind && s->lost.at[i].what == what)
            return;
    (void)vec_push(ctx, &s->lost, ((term_lost){kind, what}));
}
