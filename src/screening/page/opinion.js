/** What the reviewer thought before seeing the score; it stays as it was said. */
const key = (quarantineId) => `opinion:${quarantineId}`;

export const opinionOf = (quarantineId) => sessionStorage.getItem(key(quarantineId));
export const keepOpinion = (quarantineId, opinion) => sessionStorage.setItem(key(quarantineId), opinion);
