/* Hashing of bytes. Not against an adversary: tables that must not degrade compare whole keys anyway. */
#include "base/base.h"

/* Little-endian by construction, so the hash is the same on every machine; compilers make it one load. */
static uint64_t load64(const unsigned char *p)
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

uint64_t hash_bytes(const void *data, size_t n)
{
    const unsigned char *p = data;
    uint64_t h = hash_mix(0x2545f4914f6cdd1du, n);
    for (; n >= 8; n -= 8, p += 8)
        h = hash_mix(h, load64(p));
    uint64_t tail = 0;
    for (size_t i = n; i-- > 0;)
        tail = tail << 8 | p[i];
    return hash_mix(h, tail);
}
