// The same suite on the backends that Node has: the stock bodies.
import '../../gpu/sampleTokens.test.ts';
