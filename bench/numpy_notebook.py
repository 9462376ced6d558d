"""The notebook's two networks in numpy, operation by operation as it has them: columns of float64, one-hot inputs, one
matrix product for each term of each gradient. Only its slip is mended: dU is formed with the state before the time step,
which the notebook's SRN has already overwritten by then. That changes no speed, and lets the losses be compared.
"""
import rounds

try:
    import numpy as np
except ImportError:
    rounds.missing()


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(y):
    return np.exp(y) / np.sum(np.exp(y))


class Network:
    def __init__(self, V, settings):
        H, self.rate, self.clip = settings["network"]["hidden"], settings["optimizer"]["lr"], settings.get("clip_value")
        normal, scale = np.random.RandomState(1).randn, settings["init"]["normal"]
        self.V = V
        self.W, self.U, self.D = normal(H, V) * scale, normal(H, H) * scale, normal(V, H) * scale
        self.bh, self.by = np.zeros((H, 1)), np.zeros((V, 1))
        self.weights = [self.W, self.U, self.D, self.bh, self.by]
        self.squares = [np.zeros_like(w) for w in self.weights]
        self.context = np.zeros((H, 1))

    def forward(self, symbol, context):
        x = np.zeros((self.V, 1))
        x[symbol] = 1
        h = sigmoid(np.dot(self.W, x) + np.dot(self.U, context) + self.bh)
        return x, h, softmax(np.dot(self.D, h) + self.by)

    def srn(self, inputs, targets):
        """One time step, no way back through time, plain gradient descent."""
        before = self.context
        x, h, p = self.forward(inputs[0], before)
        self.context = np.copy(h)
        loss = -np.log(p[targets[0], 0])

        dy = np.copy(p)
        dy[targets[0]] -= 1
        dD = np.dot(dy, h.T)
        dh = h * (1 - h) * np.dot(self.D.T, dy)
        dW = np.dot(dh, x.T)
        dU = np.dot(dh, before.T)

        self.W += -self.rate * dW
        self.D += -self.rate * dD
        self.U += -self.rate * dU
        self.bh += -self.rate * dh
        self.by += -self.rate * dy
        return loss

    def rnn(self, inputs, targets):
        """A window of truncated backpropagation through time, clipping by value, Adagrad."""
        T, loss = len(inputs), 0.0
        x, h, p = {}, {-1: np.copy(self.context)}, {}
        for t in range(T):
            x[t], h[t], p[t] = self.forward(inputs[t], h[t - 1])
            loss += -np.log(p[t][targets[t], 0])

        gradient = [np.zeros_like(w) for w in self.weights]
        dW, dU, dD, dbh, dby = gradient
        later = np.zeros_like(self.context)
        for t in reversed(range(T)):
            dy = np.copy(p[t])
            dy[targets[t]] -= 1
            dby += dy
            dD += np.dot(dy, h[t].T)
            dz = h[t] * (1 - h[t]) * (np.dot(self.D.T, dy) + later)
            dbh += dz
            dW += np.dot(dz, x[t].T)
            dU += np.dot(dz, h[t - 1].T)
            later = np.dot(self.U.T, dz)

        for g in gradient:
            np.clip(g, -self.clip, self.clip, out=g)
        for w, g, squares in zip(self.weights, gradient, self.squares):
            squares += g * g
            w += -self.rate * g / np.sqrt(squares + 1e-8)
        self.context = h[T - 1]
        return loss


text, _, V = rounds.symbols()
T = rounds.settings["window"]
network = Network(V, rounds.settings)
train = network.srn if T == 1 else network.rnn
at = 0


def step():
    global at
    if at + T >= len(text):
        at = 0
        network.context = np.zeros_like(network.context)
    loss = train(text[at:at + T], text[at + 1:at + T + 1])
    at += T
    return T, loss


rounds.serve("numpy %s, %s" % (np.__version__, rounds.blas()), step)
