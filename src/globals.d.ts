/** Versions of the workbench and its engines, inserted by vite from package.json. */
declare const __VERSIONS__: Readonly<Record<string, string>>;
