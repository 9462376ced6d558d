// Package inspect looks inside a model while it reads a text.
//
// Read takes a text through a model, as package score does, under the eyes of Observers, which see bits, guesses and what
// every unit does: a Trace keeps it, a Probe searches for units that follow a feature of the text, a Saturation counts gates
// that are shut or open, a PCA finds the directions in which states differ. A text may be as long as it likes: none but the
// Trace grows with it.
//
// GradientReachOf follows the gradient back in time, Without and Ablate switch units off, Cluster joins what is alike.
//
// A state belongs to the symbol that was read last: where symbol i is coloured by a unit, the unit has seen it. Its bits are
// those of the prediction before. Layers and units count from 0. Results do not depend on the workers, the kernel set or,
// but for the last digits of geometric means and principal components, on the processor.
package inspect
