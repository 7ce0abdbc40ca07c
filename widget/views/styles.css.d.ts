/** The style sheet's text; the build minifies it. */
declare const styles: string;
export default styles;
