// Package random makes the generators behind everything random in Elman.
//
// No two uses share a sequence: each generator is keyed by seed, purpose and step. So no result depends on the order in which
// goroutines, windows or commands draw numbers, and a resumed run draws the same numbers as an undisturbed one.
package random

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Mix hashes two numbers to one: a key for each of many cheap generators.
func Mix(a, b uint64) uint64 { return mix(mix(a+0x9e3779b97f4a7c15) ^ b*0xd1342543de82ef95) }

// New returns the generator of one purpose at one step: ChaCha8 under the SHA-256 of (seed, purpose, step).
//
// Callers draw integers and Float64, whose values math/rand/v2 promises to keep. They do not use NormFloat64 and ExpFloat64,
// whose tails call math.Exp and math.Log, which differ in the last bit between processors.
func New(seed uint64, purpose string, step uint64) *rand.Rand {
	key := binary.LittleEndian.AppendUint64(nil, seed)
	key = binary.LittleEndian.AppendUint64(key, step)
	key = append(key, purpose...)
	return rand.New(rand.NewChaCha8(sha256.Sum256(key)))
}
