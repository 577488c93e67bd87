// Command interop checks what the ledger wrote with the Go checksum database's own packages: it
// opens signed notes, recomputes their roots from the leaves, and verifies proofs. Proofs in the
// C2SP tlog-proof format are verified by torchwood, both of the log's signatures required.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type input struct {
	// VerifierKey is the log's key in the form name+id+key.
	VerifierKey string
	// Leaves are the texts of the log's records.
	Leaves []string
	// Notes are signed checkpoints over a beginning of them.
	Notes []string
	// Inclusions prove single leaves in the tree over all of them.
	Inclusions []proof
	// Consistencies prove earlier trees in it.
	Consistencies []proof
	// CosignatureKey is the log's key for timestamped signatures.
	CosignatureKey string
	// TlogProofs are C2SP proofs of leaves.
	TlogProofs []tlogProof
}

type tlogProof struct {
	Leaf string
	// Proof is the text of a .tlog-proof file.
	Proof string
}

type proof struct {
	// At is the index of the leaf, or the size of the earlier tree.
	At     int64
	Hashes []tlog.Hash
}

func main() {
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		fail("input", err)
	}
	reader, err := store(in.Leaves)
	if err != nil {
		fail("leaves", err)
	}
	for i, text := range in.Notes {
		if err := checkNote(text, in.VerifierKey, reader); err != nil {
			fail(fmt.Sprintf("note %d", i), err)
		}
	}
	if err := checkProofs(in, reader); err != nil {
		fail("proof", err)
	}
	if err := checkTlogProofs(in); err != nil {
		fail("tlog-proof", err)
	}
	proofs := len(in.Inclusions) + len(in.Consistencies) + len(in.TlogProofs)
	fmt.Printf("%d notes, %d proofs\n", len(in.Notes), proofs)
}

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(1)
}

// store keeps the hashes of the tree over the leaves in memory.
func store(leaves []string) (tlog.HashReaderFunc, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, 0, len(indexes))
		for _, index := range indexes {
			if index >= int64(len(stored)) {
				return nil, fmt.Errorf("no hash %d", index)
			}
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for i, leaf := range leaves {
		hashes, err := tlog.StoredHashes(int64(i), []byte(leaf), reader)
		if err != nil {
			return nil, err
		}
		stored = append(stored, hashes...)
	}
	return reader, nil
}

func checkNote(text, key string, reader tlog.HashReader) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	// The lines of a checkpoint, without the first line of the checksum database's own tree head.
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return fmt.Errorf("not three lines of the log %q", verifier.Name())
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + lines[1] + "\n" + lines[2] + "\n"))
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("root %v of %d leaves, want %v", tree.Hash, tree.N, root)
	}
	return nil
}

func checkProofs(in input, reader tlog.HashReader) error {
	size := int64(len(in.Leaves))
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return err
	}
	for _, p := range in.Inclusions {
		leaf := tlog.RecordHash([]byte(in.Leaves[p.At]))
		if err := tlog.CheckRecord(p.Hashes, size, root, p.At, leaf); err != nil {
			return fmt.Errorf("inclusion of %d: %w", p.At, err)
		}
	}
	for _, p := range in.Consistencies {
		earlier, err := tlog.TreeHash(p.At, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(p.Hashes, size, root, p.At, earlier); err != nil {
			return fmt.Errorf("consistency of %d: %w", p.At, err)
		}
	}
	return nil
}

func checkTlogProofs(in input) error {
	if len(in.TlogProofs) == 0 {
		return nil
	}
	plain, err := note.NewVerifier(in.VerifierKey)
	if err != nil {
		return err
	}
	timed, err := torchwood.NewCosignatureVerifier(in.CosignatureKey)
	if err != nil {
		return err
	}
	policy := torchwood.ThresholdPolicy(3,
		torchwood.OriginPolicy(plain.Name()),
		torchwood.SingleVerifierPolicy(plain),
		torchwood.SingleVerifierPolicy(timed))
	for i, p := range in.TlogProofs {
		leaf := tlog.RecordHash([]byte(p.Leaf))
		if err := torchwood.VerifyProof(policy, leaf, []byte(p.Proof)); err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
	}
	return nil
}
