import { records } from 'sandtune/bindings';

export const { imports, bind } = records({ functions: ['same'] });
