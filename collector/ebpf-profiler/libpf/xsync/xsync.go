// Package xsync holds a lock together with what it guards.
package xsync

import "sync"

// RWMutex gives its value only to who holds the lock.
type RWMutex[T any] struct {
	guarded T
	mu      sync.RWMutex
}

// NewRWMutex guards a value.
func NewRWMutex[T any](guarded T) RWMutex[T] { return RWMutex[T]{guarded: guarded} }

// WLock takes the lock for writing and returns the value.
func (m *RWMutex[T]) WLock() *T {
	m.mu.Lock()
	return &m.guarded
}

// WUnlock releases the lock and takes the pointer back.
func (m *RWMutex[T]) WUnlock(ref **T) {
	*ref = nil
	m.mu.Unlock()
}
