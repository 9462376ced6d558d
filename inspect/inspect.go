// Package inspect looks inside a model while it reads a text: which unit follows what, how gates are used, how far back the
// gradient reaches, what each unit is worth.
//
// An Analysis reads a text once and reports all Findings. They are made of the parts below, which can be used alone.
//
// Read takes a text through a model, as package score does, and shows it to Observers: bits, likely symbols and the values of
// every unit. A Trace keeps them, a Probe finds units that follow a feature of the text, a Saturation counts gates that are
// shut or open, a PCA finds the directions in which states vary most. Only the Trace grows with the length of the text.
//
// GradientReachOf follows the gradient back in time, Without and Ablate disable units, Cluster is hierarchical clustering.
//
// A unit's value at a symbol is its value after reading that symbol; the symbol's bits are those of the prediction before it.
// Layers and units count from 0. Results do not depend on the number of workers or the kernel set, nor on the processor except
// for the last digits of geometric means and principal components.
package inspect
