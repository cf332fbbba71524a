// Runs the suite on Node's backends: the stock bodies.
import '../../gpu/begunModel.test.ts';
