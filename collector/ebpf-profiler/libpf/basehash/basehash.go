// Package basehash holds a 128-bit identifier.
package basehash

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Hash128 is 16 bytes as two big-endian halves.
type Hash128 struct{ hi, lo uint64 }

// New128 makes a hash from its halves.
func New128(hi, lo uint64) Hash128 { return Hash128{hi, lo} }

// New128FromBytes parses 16 bytes.
func New128FromBytes(b []byte) (Hash128, error) {
	if len(b) != 16 {
		return Hash128{}, fmt.Errorf("a hash has 16 bytes, not %d", len(b))
	}
	return Hash128{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}, nil
}

// New128FromString parses 32 hexadecimal digits.
func New128FromString(s string) (Hash128, error) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return Hash128{}, err
	}
	return New128FromBytes(b)
}

// Bytes returns the 16 bytes.
func (h Hash128) Bytes() []byte {
	b := make([]byte, 0, 16)
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, h.hi), h.lo)
}

// Base64 returns the bytes as base64url without padding.
func (h Hash128) Base64() string { return base64.RawURLEncoding.EncodeToString(h.Bytes()) }

// IsZero tells whether nothing was set.
func (h Hash128) IsZero() bool { return h == Hash128{} }
