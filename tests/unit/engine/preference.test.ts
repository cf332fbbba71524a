// The same suite on the backends that Node has: the stock bodies.
import '../../gpu/preference.test.ts';
