// Package libpf stands in for the package of that name that the Elasticsearch exporter wants for
// the profiles signal, which this distribution does not take in. README.md of the parent folder
// says why. Identifiers work; frame types are not told apart.
package libpf

import "go.opentelemetry.io/ebpf-profiler/libpf/basehash"

// AddressOrLineno is an address in a program or a line in a source file.
type AddressOrLineno uint64

// FrameType is the kind of a stack frame.
type FrameType uint8

// FrameTypeFromString returns the frame type of a name; here always the unknown one.
func FrameTypeFromString(string) FrameType { return 0 }

// IsError tells whether a frame stands for an error of unwinding.
func (FrameType) IsError() bool { return false }

// FileID identifies an executable.
type FileID struct{ basehash.Hash128 }

// NewFileID makes an identifier from its halves.
func NewFileID(hi, lo uint64) FileID { return FileID{basehash.New128(hi, lo)} }

// FileIDFromBytes parses 16 bytes.
func FileIDFromBytes(b []byte) (FileID, error) {
	h, err := basehash.New128FromBytes(b)
	return FileID{h}, err
}

// FileIDFromString parses 32 hexadecimal digits.
func FileIDFromString(s string) (FileID, error) {
	h, err := basehash.New128FromString(s)
	return FileID{h}, err
}
