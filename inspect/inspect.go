// Package inspect looks inside a model: what its units follow in a text, how its gates stand, how far back its gradient
// reaches, how its states lie to each other, and what becomes of its predictions without a unit.
package inspect
