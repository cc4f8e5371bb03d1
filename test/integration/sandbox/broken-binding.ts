/** A binding that cannot be loaded. */
throw new Error('this binding is broken');
