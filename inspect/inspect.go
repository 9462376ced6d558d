// Package inspect looks inside a model while it reads a text.
//
// An Analysis reads a text once and tells all Findings. They are made of the parts below, which can be used alone.
//
// Read takes a text through a model, as package score does, and shows it to Observers: bits, guesses and the values of every
// unit. A Trace keeps them, a Probe searches for units that follow a feature of the text, a Saturation counts gates that are
// shut or open, a PCA finds the directions in which states vary most. Only the Trace grows with the length of the text.
//
// GradientReachOf follows the gradient back in time, Without and Ablate disable units, Cluster is hierarchical clustering.
//
// A unit's value at a symbol is its value after reading that symbol; the symbol's bits are those of the prediction before it.
// Layers and units count from 0. Results do not depend on the workers, the kernel set or,
// but for the last digits of geometric means and principal components, on the processor.
package inspect
