// The same suite on the backends that Node has: the stock bodies.
import '../../gpu/decodeLinear.test.ts';
