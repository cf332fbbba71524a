// Runs the suite on Node's backends: the stock bodies.
import '../../gpu/checks.test.ts';
