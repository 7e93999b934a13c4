// Judges an exported log with Go's sumdb/note and sumdb/tlog, which nobody here wrote.
//
// Usage: judge DIR [FILE...]
//
// DIR holds checkpoint, vkey, tile/... and tile/entries/... (C2SP tlog-tiles). A FILE is a NAME.tlog-proof with the 32 bytes
// of NAME.entry beside it, or a NAME.consistency: the lines "old SIZE", the root of that size, and the proof's hashes.
// Prints what was judged; exits 1 with the first thing that does not hold.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// head is a checkpoint whose Ed25519 signature has been verified.
type head struct {
	origin string
	tree   tlog.Tree
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: judge DIR [FILE...]")
		os.Exit(2)
	}
	if err := judge(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(dir string, files []string) error {
	verifiers, err := readKey(filepath.Join(dir, "vkey"))
	if err != nil {
		return err
	}
	checkpoint, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	log, err := openHead(checkpoint, verifiers)
	if err != nil {
		return err
	}
	hashes, err := readEntries(dir, log.tree.N)
	if err != nil {
		return err
	}
	if err := checkRoot(hashes, log.tree); err != nil {
		return err
	}
	if err := checkTiles(dir, hashes, log.tree); err != nil {
		return err
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".consistency") {
			err = checkConsistency(file, log.tree)
		} else {
			err = checkProof(dir, file, log, verifiers)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	fmt.Printf("%s: %d entries, %d files agree\n", log.origin, log.tree.N, len(files))
	return nil
}

func readKey(path string) (note.Verifiers, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(strings.TrimSuffix(string(text), "\n"))
	if err != nil {
		return nil, err
	}
	return note.VerifierList(verifier), nil
}

func openHead(bytes []byte, verifiers note.Verifiers) (head, error) {
	signed, err := note.Open(bytes, verifiers)
	if err != nil {
		return head{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return head{}, errors.New("the checkpoint has not three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return head{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return head{}, err
	}
	return head{lines[0], tlog.Tree{N: size, Hash: root}}, nil
}

// readEntries reads all bundles and gives the stored hashes of the tree that they make.
func readEntries(dir string, size int64) (tlog.HashReaderFunc, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for place, index := range indexes {
			if index >= int64(len(stored)) {
				return nil, fmt.Errorf("hash %d is not there", index)
			}
			found[place] = stored[index]
		}
		return found, nil
	})
	for first := int64(0); first < size; first += 1 << height {
		width := size - first
		if width > 1<<height {
			width = 1 << height
		}
		entries, err := readBundle(dir, tlog.Tile{H: height, L: -1, N: first >> height, W: int(width)})
		if err != nil {
			return nil, err
		}
		for place, entry := range entries {
			hashes, err := tlog.StoredHashes(first+int64(place), entry, reader)
			if err != nil {
				return nil, err
			}
			stored = append(stored, hashes...)
		}
	}
	return reader, nil
}

func readBundle(dir string, tile tlog.Tile) ([][]byte, error) {
	// Go's own database calls level -1 "data"; tlog-tiles calls it "entries" and has no height in the path.
	path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	bundle, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(bundle) >= 2 {
		length := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+length {
			break
		}
		entries = append(entries, bundle[2:2+length])
		bundle = bundle[2+length:]
	}
	if len(bundle) != 0 || len(entries) != tile.W {
		return nil, fmt.Errorf("%s: not %d whole entries", path, tile.W)
	}
	return entries, nil
}

func checkRoot(hashes tlog.HashReader, tree tlog.Tree) error {
	if tree.N == 0 {
		return nil
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	if err == nil && root != tree.Hash {
		err = errors.New("the root of the entries is not that of the checkpoint")
	}
	return err
}

func checkTiles(dir string, hashes tlog.HashReader, tree tlog.Tree) error {
	for _, tile := range tlog.NewTiles(height, 0, tree.N) {
		// Older releases also name the narrower tiles of smaller trees.
		if tile.W < 1<<height && tile.N<<height+int64(tile.W) < tree.N>>(height*tile.L) {
			continue
		}
		right, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return err
		}
		found, err := readTile(dir, tile)
		if err != nil {
			return err
		}
		if !bytes.Equal(found, right) {
			return fmt.Errorf("%s is not what the entries give", tile.Path())
		}
	}
	return nil
}

func readTile(dir string, tile tlog.Tile) ([]byte, error) {
	return os.ReadFile(filepath.Join(dir, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
}

// folder reads tiles for Go's client, which verifies each against the root.
type folder string

func (dir folder) Height() int { return height }

func (dir folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, len(tiles))
	for place, tile := range tiles {
		bytes, err := readTile(string(dir), tile)
		if err != nil {
			return nil, err
		}
		read[place] = bytes
	}
	return read, nil
}

func (dir folder) SaveTiles([]tlog.Tile, [][]byte) {}

func checkProof(dir, file string, log head, verifiers note.Verifiers) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	parts := strings.SplitN(string(text), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("no tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	path, err := parseHashes(lines[2:])
	if err != nil {
		return err
	}
	of, err := openHead([]byte(parts[1]), verifiers)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(strings.TrimSuffix(file, ".tlog-proof") + ".entry")
	if err != nil {
		return err
	}
	leaf := tlog.RecordHash(entry)
	if err := tlog.CheckRecord(path, of.tree.N, of.tree.Hash, index, leaf); err != nil {
		return err
	}
	if of.tree != log.tree {
		return nil
	}
	return checkSame(dir, log.tree, index, path)
}

// checkSame makes the proof anew, from the tiles, as Go's client does.
func checkSame(dir string, tree tlog.Tree, index int64, path tlog.RecordProof) error {
	made, err := tlog.ProveRecord(tree.N, index, tlog.TileHashReader(tree, folder(dir)))
	if err == nil && fmt.Sprint(made) != fmt.Sprint(path) {
		err = errors.New("the proof made from the tiles is another one")
	}
	return err
}

func checkConsistency(file string, tree tlog.Tree) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	size, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil {
		return err
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return err
	}
	return tlog.CheckTree(tlog.TreeProof(hashes[1:]), tree.N, tree.Hash, size, hashes[0])
}

func parseHashes(lines []string) (tlog.RecordProof, error) {
	hashes := tlog.RecordProof{}
	for _, line := range lines {
		bytes, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(bytes) != tlog.HashSize {
			return nil, fmt.Errorf("%q is no hash", line)
		}
		var hash tlog.Hash
		copy(hash[:], bytes)
		hashes = append(hashes, hash)
	}
	return hashes, nil
}
