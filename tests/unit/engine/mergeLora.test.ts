// The same suite on the backends that Node has: the stock bodies.
import '../../gpu/mergeLora.test.ts';
